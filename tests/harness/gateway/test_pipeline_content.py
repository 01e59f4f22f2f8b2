"""pipeline and content: the object is on disk before the reply, and what the engine refuses is logged as a milter's."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harness.corpus.payload import eicar
from harness.gateway.content.examine import Engine
from harness.reports.spam_stats import spam_stats
from harness.traffic import count_traffic

Open = Callable[..., AbstractAsyncContextManager[Any]]
CHAT = (
    "S: 220\nC: EHLO mail.good.test\nS* 250\nC: MAIL FROM:<a@good.test>\nS: 250\nC: RCPT TO:<u@ok.test>\nS: 250\nC: DATA\nS: 354\n"
    "C: Subject: x\nC: MIME-Version: 1.0\nC: Content-Type: application/octet-stream; name=a.bin\nC: Content-Transfer-Encoding: base64\nC:\n"
    f"C: {base64.b64encode(eicar()).decode()}\nC: .\nS: "
)


def run(running: Open, rav: dict[str, str], reply: str, look: Callable[[Any], Any]) -> Any:
    async def go() -> Any:
        async with running(rav=rav) as bench:
            replayed = await bench.chat(f"{CHAT}{reply}\n")
            assert not replayed.step_failures, replayed.step_failures
            await bench.gateway.settle()
            return look(bench)

    return asyncio.run(go())


@pytest.mark.parametrize("mode", ["after_queue", "before_queue"])
def test_the_object_is_stored_before_the_reply(running: Open, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """At the moment the reply is written, the file is there."""
    from harness.gateway import server

    there: list[tuple[bytes, list[str]]] = []
    made = server._Connection.connection_made

    class Watched:
        """The transport, and a look at the directory whenever something is written."""

        def __init__(self, transport: Any, directory: Path) -> None:
            self._transport, self._directory = transport, directory

        def write(self, answer: bytes) -> None:
            names = [path.name for path in self._directory.iterdir()] if self._directory.exists() else []
            there.append((answer, names))
            self._transport.write(answer)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._transport, name)

    def watched(self: Any, transport: Any) -> None:
        made(self, Watched(transport, self.gateway._queue.directory.parent / "quarantine"))

    monkeypatch.setattr(server._Connection, "connection_made", watched)
    run(running, {"mode": mode, "act_for_infected_files": "move"}, "250 2.0.0", lambda bench: None)
    ((_, names),) = [one for one in there if one[0].startswith(b"250 2.0.0 Ok: queued")]
    assert len(names) == 1 and not names[0].startswith(".")


@pytest.mark.parametrize(
    ("action", "reply", "kind", "text"),
    [("reject", "550 5.7.1", "rejects", "milter-reject: END-OF-MESSAGE from mail.good.test[192.0.2.7]: 5.7.1 content rejected: Eicar-Test in part0001:a.bin; from=<a@good.test> to=<u@ok.test> proto=ESMTP helo=<mail.good.test>"),
     ("discard", "250 2.0.0", "discards", "milter-discard: END-OF-MESSAGE from mail.good.test[192.0.2.7]: milter triggers DISCARD action; from=<a@good.test>")],
)  # fmt: skip
def test_before_the_queue_pflogsumm_counts_what_the_engine_refused(
    running: Open, action: str, reply: str, kind: str, text: str
) -> None:
    lines = run(
        running, {"mode": "before_queue", "act_for_infected_files": action}, reply, lambda bench: list(bench.lines)
    )
    assert any(text in line for line in lines)
    assert count_traffic(lines).turned == {kind: 1}
    (table,) = (line for line in spam_stats(lines, date(2026, 1, 1)).splitlines() if "Eicar-Test" in line)
    assert table.split() == [
        "1",
        "100.0%",
        "act_for_infected_files",
        "(Eicar-Test)",
    ]  # once, though two programs log it


def test_an_engine_that_breaks_before_the_queue_lets_nothing_pass(
    running: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(Engine, "examine", broken)
    monkeypatch.setattr("harness.gateway.pipeline._report_exception", lambda error: None)
    deliveries, lines = run(
        running, {"mode": "before_queue"}, "451 4.3.0", lambda bench: (list(bench.deliveries), list(bench.lines))
    )
    assert not deliveries and any("not examined: RuntimeError('no')" in line for line in lines)


@pytest.mark.parametrize("where", ["aside/objects", "{tmp}/elsewhere"])
def test_objects_are_set_aside_where_quarantine_dir_says(running: Open, tmp_path: Path, where: str) -> None:
    rav = {"act_for_infected_files": "move", "quarantine_dir": where.format(tmp=tmp_path)}

    def look(bench: Any) -> list[Path]:
        beside = bench.gateway.services.pipeline._queue.directory.parent
        return sorted((beside / rav["quarantine_dir"]).iterdir())

    (kept,) = run(running, rav, "250", look)
    assert kept.read_bytes() == eicar()
