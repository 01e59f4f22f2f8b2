"""conftest - an engine over a `rav` directory of a few lines, and mails built by the corpus' own builder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fakedns
from harness.clock import HandClock
from harness.corpus.build import build
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.examine import Engine
from harness.gateway.content.finding import Finding
from harness.gateway.content.outcome import Mail, Outcome
from harness.gateway.content.part import Part as Object
from harness.gateway.content.rav_keys import BANNED
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.search import search
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.resolver import ZoneResolver
from harness.gateway.rule import default_rule
from harness.scenario import Message, Part, Send

Examine = Callable[..., Outcome]


def mail_of(*parts: Part, sender: str = "a@good.test", **message: Any) -> bytes:
    """A mail of these parts, LF line ends."""
    send = Send(sender=sender, to=["u@ok.test"], message=Message(parts=list(parts), **message))
    return build(send, "test", 1, 1060506000.0, lambda name: b"").replace(b"\r\n", b"\n")


@pytest.fixture
def stored() -> dict[str, bytes]:
    """What went into quarantine."""
    return {}


@pytest.fixture
def examine(tmp_path: Path, stored: dict[str, bytes]) -> Examine:
    """examine(data, rav={...}, files={...}, ...) -> Outcome."""

    def run(
        data: bytes,
        rav: dict[str, str] | None = None,
        *,
        files: dict[str, str] | None = None,
        sender: str = "a@good.test",
        recipients: tuple[str, ...] = ("u@ok.test",),
        client: str = "192.0.2.7",
        full: bool = False,
        zone: str = "rbl.test. SOA ns.t. h.t. 1 2 3 4 5\n7.2.0.192.rbl.test. A 127.0.0.2",
    ) -> Outcome:
        directory = tmp_path / "rav"
        directory.mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text)

        def store(name: str, content: bytes) -> bool:
            if not full:
                stored[name] = content
            return not full

        engine = Engine.load(directory, rav or {})
        mail = Mail("4F2A1C", sender, recipients, client, "mail.good.test", data)
        resolver = ZoneResolver(fakedns.parse_zone(zone))
        return asyncio.run(engine.examine(mail, store, HandClock(1060506000.0), "gw.ok.test", resolver))

    return run


Look = Callable[..., list[Finding]]
TakeApart = Callable[..., list[Member | Trouble]]


@pytest.fixture
def look() -> Look:
    """look(mail, **limits) -> every finding of the engine's search in a mail, with heuristics and built-in signatures."""

    def run(mail: bytes, signatures: SignatureStore | None = None, **limits: int) -> list[Finding]:
        context = ScanContext(signatures or SignatureStore(), BANNED, default_rule("banned"))
        found = asyncio.run(search(mail, Budget(Limits(**limits), lambda: 0.0), {(True, BANNED): context}))
        return [*found.unpacked.findings, *found.scans[True, BANNED]]

    return run


@pytest.fixture
def take_apart() -> TakeApart:
    """take_apart(format, data, name=..., **limits) -> what one archive format gives; it must recognise the bytes."""

    def run(word: str, data: bytes, name: str = "", type: str = "", **limits: int) -> list[Member | Trouble]:
        part = Object("part", data, (name,) if name else (), type)
        assert archives[word].recognises(part)
        return list(archives[word].members(part, Budget(Limits(**limits), lambda: 0.0)))

    return run
