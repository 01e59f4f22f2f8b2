"""turns: others go on while one mail is examined, and a quick mail waits for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from harness.gateway import turns
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.search import search
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import default_rule
from harness.gateway.turns import AT_A_TIME_S, Turns

PARTS = 50
MAIL = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nsome text\n" * PARTS + b"--x--\n"


def others_turns(monkeypatch: pytest.MonkeyPatch, an_object_takes_s: float) -> int:
    """How often somebody else had a turn while a mail of PARTS objects was examined."""

    def ticking() -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += an_object_takes_s

    clock = ticking()
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    context = {(True, frozenset[str]()): ScanContext(SignatureStore(), frozenset(), default_rule("banned"))}

    async def both() -> int:
        had = 0

        async def other() -> None:
            nonlocal had
            while True:
                had += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        had = 0
        await search(MAIL, Budget(Limits(), lambda: 0.0), context, polite=Turns())
        task.cancel()
        return had

    return asyncio.run(both())


def test_a_long_examination_lets_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert others_turns(monkeypatch, AT_A_TIME_S) > PARTS / 3


def test_a_short_one_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    assert others_turns(monkeypatch, AT_A_TIME_S / 1000) == 0
