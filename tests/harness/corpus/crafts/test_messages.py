"""messages: mails in mails, and bodies that are elsewhere."""

from __future__ import annotations

import asyncio
import email

import pytest

from harness.corpus.craft import crafts
from harness.corpus.payload import eicar
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.rav_keys import BANNED
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.search import search
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import default_rule


def found(word: str) -> set[str]:
    context = ScanContext(SignatureStore(), BANNED, default_rule("banned"))
    mail = crafts[word](eicar()).replace(b"\r\n", b"\n")
    seen = asyncio.run(search(mail, Budget(Limits(), lambda: 0.0), {(True, BANNED): context}))
    return {finding.name for finding in [*seen.unpacked.findings, *seen.scans[True, BANNED]]}


def python_finds(word: str) -> bool:
    """Whether the parser of the standard library sees the file: one reading among many."""
    mail = email.message_from_bytes(crafts[word](eicar()))
    return any(part.get_payload(decode=True) == eicar() for part in mail.walk() if not part.is_multipart())


@pytest.mark.parametrize(
    ("word", "told"),
    [("five_mails_deep", "Eicar-Test"), ("base64_mail", "Eicar-Test"), ("digest", "Eicar-Test"), ("partial", "Message.Partial"),
     ("external_body", "Message.ExternalBody")],
)  # fmt: skip
def test_what_is_found(word: str, told: str) -> None:
    assert told in found(word)


def test_python_looks_into_a_mail_in_a_mail() -> None:
    assert python_finds("five_mails_deep") and not python_finds("base64_mail")
