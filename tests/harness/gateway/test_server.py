"""server: what an earlier run left in the queue is taken up, and never passed on unexamined."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from harness.clock import HandClock
from harness.corpus.payload import eicar
from harness.gateway.queue import Queue, Queued

Open = Callable[..., AbstractAsyncContextManager[Any]]


def left(directory: Path, **more: Any) -> None:
    infected = (
        b"Subject: x\nMIME-Version: 1.0\nContent-Type: application/octet-stream; name=a.com\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(eicar()) + b"\n"
    )
    mail = Queued("A1", "a@good.test", ("u@ok.test",), 1060506000.0, 1, data=infected, **more)
    asyncio.run(Queue(directory, HandClock()).store(mail))


@pytest.mark.parametrize("examined", [True, False])
def test_a_mail_left_unexamined_is_examined_after_the_restart(running: Open, tmp_path: Path, examined: bool) -> None:
    left(tmp_path / "queue", unexamined=None if examined else ("192.0.2.7", "mail.good.test"))

    async def run() -> tuple[list[Any], list[str]]:
        async with running(rav={"mode": "after_queue"}) as bench:
            await bench.gateway.settle()
            return bench.deliveries, bench.log

    deliveries, log = asyncio.run(run())
    assert any("verdict=infected" in line for line in log) is not examined
    arrived = [
        base64.b64encode(eicar()) in delivery.data for delivery in deliveries if "u@ok.test" in delivery.recipients
    ]
    assert (True in arrived) is examined


def test_a_file_that_cannot_be_read_is_named_and_stops_nothing(running: Open, tmp_path: Path) -> None:
    left(tmp_path / "queue")
    (tmp_path / "queue" / "B2").write_bytes(b"{")

    async def run() -> tuple[list[Any], list[str]]:
        async with running() as bench:
            await bench.gateway.settle()
            return bench.deliveries, bench.log

    deliveries, log = asyncio.run(run())
    assert len(deliveries) == 1
    assert "warning: B2: corrupt queue file, moved to corrupt/" in log


def test_what_is_held_stays(running: Open, tmp_path: Path) -> None:
    left(tmp_path / "queue", held=True)

    async def run() -> list[Any]:
        async with running() as bench:
            await bench.gateway.settle()
            deliveries: list[Any] = bench.deliveries
            return deliveries

    assert asyncio.run(run()) == [] and (tmp_path / "queue" / "A1").exists()
