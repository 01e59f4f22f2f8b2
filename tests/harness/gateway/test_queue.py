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
    assert Queue(tmp_path / "q", HandClock()).pending() == ([mail()], [])
    queue.remove("A1")
    queue.remove("A1")
    assert queue.pending() == ([], [])


def test_half_a_file_is_no_mail(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    (tmp_path / "q" / ".B2").write_bytes(b"half")
    assert queue.pending() == ([], [])


def test_ids_are_never_the_same_twice(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock(7.0))
    ids = [queue.new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000 and all(len(i) == 10 and int(i, 16) >= 0 for i in ids)


def test_a_store_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    (tmp_path / "q").rmdir()
    with pytest.raises(OSError):
        asyncio.run(queue.store(mail()))


def test_an_id_of_an_earlier_run_is_not_given_out_again(tmp_path: Path) -> None:
    first = Queue(tmp_path / "q", HandClock(7.0))
    left = mail(first.new_id())
    asyncio.run(first.store(left))
    assert Queue(tmp_path / "q", HandClock(7.0)).new_id() != left.queue_id


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"queue_id": 1}\n', b"\xff\n"])
def test_what_cannot_be_read_is_set_aside_and_named(tmp_path: Path, content: bytes) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    asyncio.run(queue.store(mail()))
    (tmp_path / "q" / "B2").write_bytes(content)
    assert queue.pending() == ([mail()], ["B2"])
    assert (tmp_path / "corrupt" / "B2").read_bytes() == content


def test_what_was_not_examined_yet_is_remembered_as_such(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    waiting = Queued("C3", "a@b", ("c@d",), 5.0, 3, unexamined=("192.0.2.7", "unknown"), data=b"x")
    asyncio.run(queue.store(waiting))
    assert queue.pending() == ([waiting], [])
