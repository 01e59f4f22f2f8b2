"""headers: crooked header blocks."""

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
    [("no_mime_version", ""), ("blank_before_colon", ""), ("junk_in_header", "Mime.JunkHeader"), ("line_of_blanks", ""),
     ("many_headers", "Limits.HeaderFields"), ("some_headers", ""), ("nul_in_header", "Header.Control"), ("bare_cr", "Header.Control"),
     ("bare_lf_header", ""), ("cr_in_header", "Header.Control")],
)  # fmt: skip
def test_the_file_is_found_and_what_is_wrong_is_told(word: str, told: str) -> None:
    assert {"Eicar-Test"} | ({told} if told else set()) <= found(word)


def test_they_are_worth_their_name() -> None:
    assert not python_finds("junk_in_header")
