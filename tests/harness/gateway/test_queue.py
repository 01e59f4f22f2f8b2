"""queue: what is stored is whole, and comes back after a crash."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.clock import HandClock
from harness.gateway.queue import Queue
from harness.gateway.queued import Queued


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


class Crash(BaseException):
    """The machine stops here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int) -> list[str]:
    """The step-th call that changes the disk, and every one after it, does not happen."""
    calls: list[str] = []

    def guarded(name: str, owner: Any, real: Any) -> None:
        def call(*arguments: Any, **more: Any) -> Any:
            calls.append(name)
            if len(calls) > step:
                raise Crash(name)
            return real(*arguments, **more)

        monkeypatch.setattr(owner, name, call)

    for name in ("fsync", "write"):
        guarded(name, os, getattr(os, name))
    for name in ("rename", "unlink", "open"):
        guarded(name, Path, getattr(Path, name))
    return calls


PARTS = (
    Queued("A1", "a@b", ("x@d",), 5.0, 3, data=b"first part"),
    Queued("B2", "a@b", ("y@d",), 5.0, 3, data=b"second part"),
)
CHANGES = {
    "one new mail": ((PARTS[1],), (), [mail(), PARTS[1]]),
    "one mail replaced": ((PARTS[0],), (), [PARTS[0]]),
    "a mail in two parts": (PARTS, (), list(PARTS)),
    "a notice instead of the mail": ((PARTS[1],), ("A1",), [PARTS[1]]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whenever_the_machine_stops_all_has_happened_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    stored, removed, after = CHANGES[change]
    outcomes = set()
    for step in range(100):
        directory = tmp_path / f"q{step}"
        queue = Queue(directory, HandClock())
        asyncio.run(queue.store(mail()))
        with monkeypatch.context() as patched:
            calls = crash_at(patched, step)
            try:
                asyncio.run(queue.commit(stored, removed))
            except Crash:
                finished = False
            else:
                finished = True
        left, corrupt = Queue(directory, HandClock()).pending()
        assert not corrupt and left in ([mail()], after), f"after {calls[:step]}"
        assert not [path for path in directory.iterdir() if path.name.startswith(".")]
        outcomes.add(left == after)
        if finished:
            assert left == after
            break
    assert finished and outcomes == {True, False} and "fsync" in calls[-3:]


def test_an_error_of_the_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    asyncio.run(queue.store(mail()))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for stored, removed, _ in CHANGES.values():
        with pytest.raises(OSError):
            asyncio.run(queue.commit(stored, removed))
        assert queue.pending() == ([mail()], [])
        assert [path.name for path in (tmp_path / "q").iterdir()] == ["A1"]


def test_a_journal_that_cannot_be_read_is_set_aside_with_what_it_was_about(tmp_path: Path) -> None:
    directory = tmp_path / "q"
    asyncio.run(Queue(directory, HandClock()).store(mail()))
    (directory / ".commit-B2").write_bytes(b"{")
    (directory / ".B2").write_bytes(b"half a commit")
    assert Queue(directory, HandClock()).pending() == ([mail()], [])
    assert (tmp_path / "corrupt" / "B2").read_bytes() == b"half a commit"
    assert (tmp_path / "corrupt" / "commit-B2").exists()


def test_the_directory_is_synced_once_for_mails_that_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(tmp_path / "q", HandClock())
    synced: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    async def many() -> None:
        await asyncio.gather(*(queue.store(replace(mail(), queue_id=f"C{n:02}")) for n in range(40)))

    monkeypatch.setattr(os, "fsync", fsync)
    asyncio.run(many())
    assert synced.count(False) == 40 and 1 <= synced.count(True) <= 40
    assert len(queue.pending()[0]) == 40
