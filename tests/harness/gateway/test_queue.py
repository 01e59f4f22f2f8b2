"""queue: what is stored is whole, and comes back after a crash."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.clock import HandClock
from harness.gateway.queue import Queue, Queued


def mail(queue_id: str = "A1") -> Queued:
    return Queued(queue_id, "a@b", ("c@d", "ü@e"), 5.0, 3, data=b"Subject: x\n\n\xff\n")


def test_a_mail_makes_the_round_trip(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    asyncio.run(queue.store(mail()))
    assert Queue(tmp_path / "q", HandClock()).pending() == [mail()]
    queue.remove("A1")
    queue.remove("A1")
    assert queue.pending() == []


def test_half_a_file_is_no_mail(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    (tmp_path / "q" / ".B2").write_bytes(b"half")
    assert queue.pending() == []


def test_ids_are_never_the_same_twice(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock(7.0))
    ids = [queue.new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000 and all(len(i) == 10 and int(i, 16) >= 0 for i in ids)


def test_a_store_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    (tmp_path / "q").rmdir()
    with pytest.raises(OSError):
        asyncio.run(queue.store(mail()))
