"""queue: what is stored is whole, and comes back after a crash."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.clock import HandClock
from harness.gateway import queue as queue_module
from harness.gateway.queue import Queue
from harness.gateway.queued import Queued


def mail(queue_id: str = "A1") -> Queued:
    return Queued(queue_id, "a@b", ("c@d", "ü@e"), 5.0, 3, data=b"Subject: x\n\n\xff\n")


def opened(directory: Path) -> Queue:
    return Queue(directory, HandClock(7.0))


def names(directory: Path) -> list[str]:
    return sorted(path.suffix for path in directory.iterdir())


def test_a_mail_makes_the_round_trip(tmp_path: Path) -> None:
    queue = opened(tmp_path / "q")
    asyncio.run(queue.store(mail()))
    assert queue.pending() == opened(tmp_path / "q").pending() == ([mail()], [])
    queue.remove("A1")
    queue.remove("A1")
    assert queue.pending() == opened(tmp_path / "q").pending() == ([], [])


def test_an_empty_queue_leaves_nothing_behind(tmp_path: Path) -> None:
    async def run(*, removes: bool) -> None:
        queue = opened(tmp_path / "q")
        await queue.store(mail("B2"))
        if removes:
            queue.remove("B2")
        await queue.close()

    asyncio.run(run(removes=True))
    assert names(tmp_path / "q") == []
    asyncio.run(run(removes=False))
    assert names(tmp_path / "q") == [".mails"] and opened(tmp_path / "q").pending() == ([mail("B2")], [])


def test_what_is_being_written_is_written_before_the_queue_is_closed(tmp_path: Path) -> None:
    async def run() -> None:
        queue = opened(tmp_path / "q")
        storing = [asyncio.ensure_future(queue.store(mail(f"C{number}"))) for number in range(3)]
        await asyncio.sleep(0)
        await queue.close()
        assert all(one.done() for one in storing)

    asyncio.run(run())
    assert len(opened(tmp_path / "q").pending()[0]) == 3


def test_ids_are_never_the_same_twice(tmp_path: Path) -> None:
    queue = opened(tmp_path / "q")
    ids = [queue.new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000 and all(len(i) == 10 and int(i, 16) >= 0 for i in ids)


def test_a_store_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    queue = opened(tmp_path / "q")
    (tmp_path / "q").rmdir()
    with pytest.raises(OSError):
        asyncio.run(queue.store(mail()))
    assert queue.pending() == ([], [])


def test_an_id_of_an_earlier_run_is_not_given_out_again(tmp_path: Path) -> None:
    """Nor is one that has left: the file still says so, and would take the new mail for the old one."""
    first = opened(tmp_path / "q")
    left, gone = mail(first.new_id()), mail(first.new_id())
    asyncio.run(first.commit((left, gone)))
    first.remove(gone.queue_id)
    second = opened(tmp_path / "q")
    new = mail(second.new_id())
    assert new.queue_id not in (left.queue_id, gone.queue_id)
    asyncio.run(second.store(new))
    assert sorted(one.queue_id for one in opened(tmp_path / "q").pending()[0]) == sorted((left.queue_id, new.queue_id))


def test_what_is_no_file_of_the_queue_is_set_aside_and_named(tmp_path: Path) -> None:
    asyncio.run(opened(tmp_path / "q").store(mail()))
    (tmp_path / "q" / "B2").write_bytes(b"whatever")
    (tmp_path / "q" / "lost+found").mkdir()
    (tmp_path / "q" / ".hidden").touch()
    assert opened(tmp_path / "q").pending() == ([mail()], ["B2"])
    assert (tmp_path / "corrupt" / "B2").read_bytes() == b"whatever"


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"queue_id": 1}\n', b"\xff\n"])
def test_a_mail_that_cannot_be_read_is_set_aside_and_named(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        queue = opened(tmp_path / "q")
        await queue.store(mail())
        with monkeypatch.context() as patched:
            patched.setattr(queue_module, "to_bytes", lambda mail: content)
            await queue.store(mail("B2"))

    asyncio.run(run())
    assert opened(tmp_path / "q").pending() == ([mail()], ["B2"])
    assert (tmp_path / "corrupt" / "B2").read_bytes() == content
    assert opened(tmp_path / "q").pending() == ([mail()], [])


def test_bytes_that_a_disk_has_spoilt_are_set_aside_and_the_mails_behind_them_are_there(tmp_path: Path) -> None:
    queue = opened(tmp_path / "q")
    for queue_id in ("A1", "B2", "C3"):
        asyncio.run(queue.store(mail(queue_id)))
    (file,) = (tmp_path / "q").glob("*.mails")
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"B2"', b'"X2"'))
    mails, (name,) = opened(tmp_path / "q").pending()
    assert [one.queue_id for one in mails] == ["A1", "C3"] and name.startswith(file.stem)
    assert b'"X2"' in (tmp_path / "corrupt" / name).read_bytes()


def test_what_was_not_examined_yet_is_remembered_as_such(tmp_path: Path) -> None:
    waiting = Queued("C3", "a@b", ("c@d",), 5.0, 3, unexamined=("192.0.2.7", "unknown"), data=b"x")
    asyncio.run(opened(tmp_path / "q").store(waiting))
    assert opened(tmp_path / "q").pending() == ([waiting], [])


class Crash(BaseException):
    """The machine stops here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int, half: bool) -> list[str]:
    """The step-th call that changes the disk, and every one after it, does not happen; a write by half."""
    calls: list[str] = []

    def guarded(name: str, owner: Any, real: Any) -> None:
        def call(*arguments: Any, **more: Any) -> Any:
            calls.append(name)
            if len(calls) > step:
                if name == "write" and half and len(calls) == step + 1:
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise Crash(name)
            return real(*arguments, **more)

        monkeypatch.setattr(owner, name, call)

    for name in ("fsync", "write", "ftruncate", "open"):
        guarded(name, os, getattr(os, name))
    guarded("unlink", Path, Path.unlink)
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


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("again", [True, False], ids=["a new file", "the same file"])
@pytest.mark.parametrize("change", CHANGES)
def test_whenever_the_machine_stops_all_has_happened_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, again: bool, half: bool
) -> None:
    stored, removed, after = CHANGES[change]
    outcomes = set()
    for step in range(100):
        directory = tmp_path / f"q{step}"
        queue = opened(directory)
        asyncio.run(queue.store(mail()))
        queue = opened(directory) if again else queue
        with monkeypatch.context() as patched:
            calls = crash_at(patched, step, half)
            try:
                asyncio.run(queue.commit(stored, removed))
            except Crash:
                finished = False
            else:
                finished = True
        left, corrupt = opened(directory).pending()
        assert not corrupt and left in ([mail()], after), f"after {calls[:step]}"
        outcomes.add(left == after)
        if finished:
            assert left == after
            break
    assert finished and outcomes == {True, False} and "fsync" in calls[-3:]


def test_a_removal_is_known_after_a_kill_and_on_the_disk_with_the_next_mail(tmp_path: Path) -> None:
    queue = opened(tmp_path / "q")
    asyncio.run(queue.commit(PARTS))
    queue.remove("A1")
    assert opened(tmp_path / "q").pending()[0] == [PARTS[1]]
    asyncio.run(queue.store(mail("C3")))
    for unsynced in (tmp_path / "q").glob("*.gone"):  # a power cut takes it
        unsynced.unlink()
    assert opened(tmp_path / "q").pending()[0] == [PARTS[1], mail("C3")]


@pytest.mark.parametrize("broken", ["fsync", "write"])
def test_an_error_of_the_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    queue = opened(tmp_path / "q")
    asyncio.run(queue.store(mail()))
    real = os.write

    def full(handle: int, data: bytes = b"") -> None:
        if data:
            real(handle, data[:5])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, broken, full)
        for stored, removed, _ in CHANGES.values():
            with pytest.raises(OSError, match="No space"):
                asyncio.run(queue.commit(stored, removed))
            assert queue.pending() == opened(tmp_path / "q").pending() == ([mail()], [])
    asyncio.run(queue.store(mail("B2")))
    assert queue.pending() == opened(tmp_path / "q").pending() == ([mail(), mail("B2")], [])


def test_a_file_that_cannot_be_cut_back_is_written_to_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = opened(tmp_path / "q")
    asyncio.run(queue.store(mail()))

    def fails(*arguments: Any) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fails)
        patched.setattr(os, "ftruncate", fails)
        for queue_id in ("B2", "C3"):
            with pytest.raises(OSError):
                asyncio.run(queue.store(mail(queue_id)))
    asyncio.run(queue.store(mail("D4")))
    assert queue.pending() == ([mail(), mail("D4")], [])


def test_a_mail_that_is_too_large_for_the_disk_takes_no_small_one_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def write(handle: int, data: memoryview) -> int:
        if len(data) > 10_000:
            raise OSError(28, "No space left on device")
        return real(handle, data)

    async def both() -> list[BaseException | None]:
        queue = opened(tmp_path / "q")
        large = replace(mail("B2"), data=b"x" * 20_000)
        return await asyncio.gather(queue.store(large), queue.store(mail()), return_exceptions=True)

    monkeypatch.setattr(os, "write", write)
    failed, done = asyncio.run(both())
    assert isinstance(failed, OSError) and done is None
    assert opened(tmp_path / "q").pending() == ([mail()], [])


def test_mails_that_come_together_are_synced_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = opened(tmp_path / "q")
    synced: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    async def many() -> None:
        await asyncio.gather(*(queue.store(replace(mail(), queue_id=f"C{n:02}")) for n in range(40)))

    monkeypatch.setattr(os, "fsync", fsync)
    asyncio.run(many())
    assert synced == [False, True], "the mails, then the name of the file"
    asyncio.run(many())
    assert synced == [False, True, False]
    assert len(queue.pending()[0]) == 40


def filled(directory: Path, stays: Callable[[int], bool], count: int = 200) -> Queue:
    """A queue through which many mails went, of which some stayed."""

    async def run(queue: Queue) -> None:
        for number in range(count):
            await queue.store(replace(mail(f"F{number:03}"), data=b"x" * 500))
            if not stays(number):
                queue.remove(f"F{number:03}")

    queue = opened(directory)
    asyncio.run(run(queue))
    return queue


def test_files_that_are_empty_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "_GROWN", 2000)
    filled(tmp_path / "q", lambda number: False)
    assert names(tmp_path / "q").count(".mails") <= 2
    assert opened(tmp_path / "q").pending() == ([], [])


@pytest.mark.parametrize("stays", [1, 10, 50])
def test_files_never_grow_much_larger_than_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stays: int
) -> None:
    monkeypatch.setattr(queue_module, "_GROWN", 2000)
    queue = filled(tmp_path / "q", lambda number: number < stays)
    there = sum(path.stat().st_size for path in (tmp_path / "q").glob("*.mails"))
    assert there < 10 * 2000 + 3 * 800 * stays
    expected = [f"F{number:03}" for number in range(stays)]
    assert [one.queue_id for one in queue.pending()[0]] == expected
    assert [one.queue_id for one in opened(tmp_path / "q").pending()[0]] == expected


def test_what_is_taken_over_while_it_leaves_or_changes_stays_what_it_became(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "_GROWN", 2000)
    queue = filled(tmp_path / "q", lambda number: number < 2, 40)
    changed = replace(mail("F001"), data=b"changed")

    async def run() -> None:
        for number in range(40):
            storing = asyncio.ensure_future(queue.store(replace(mail(f"G{number:02}"), data=b"x" * 500)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)  # a batch is on its way, maybe with these two in it
            if number == 20:
                queue.remove("F000")
                await queue.store(changed)
            await storing
            queue.remove(f"G{number:02}")

    asyncio.run(run())
    assert queue.pending() == opened(tmp_path / "q").pending() == ([changed], [])


def test_a_file_that_cannot_be_read_any_more_stops_no_new_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "_GROWN", 2000)

    def fails(self: Path) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", fails)
        queue = filled(tmp_path / "q", lambda number: number < 1)
    assert [one.queue_id for one in queue.pending()[0]] == ["F000"]
