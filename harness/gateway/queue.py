"""queue - accepted mail on disk until it is somewhere else: written, synced, taken up again after a crash. (IO)

One file per mail.  A file is written under a name that begins with a dot, synced and renamed, and the directory is
synced after it, so that a file in the queue is always whole and a stored mail is still there after a power cut.

Mails that come at the same time are synced together: one thread does it, in batches, while the next ones are written.
A thread for each mail was measured: four of five parts of its time went into waiting for the interpreter's lock.

What belongs together changes together.  `commit` writes all new files, then one journal that says which of them to
rename and which old ones to remove; with the journal in its place the change has happened, and whoever opens the queue
after a crash finishes it.  Without the journal nothing has happened, and what was written is thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.clock import Clock
from harness.gateway.queued import Queued, from_bytes, to_bytes

_JOURNAL = ".commit-"  # then the queue id of the first mail it is about


class _Written(NamedTuple):
    """A new mail in the page cache, and who waits for it to be on the disk."""

    handle: int
    part: Path
    path: Path
    stored: asyncio.Future[None]


class Queue:
    """The queue directory.  Ids are Postfix's short form: upper-case hexadecimal, never the same twice."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        """Opens the directory, and first finishes or undoes what an earlier run was doing to it.  Raises OSError."""
        self.directory, self._clock = directory, clock
        directory.mkdir(parents=True, exist_ok=True)
        self._count = 0
        self._counting, self._syncing = threading.Lock(), threading.Lock()
        self._renamed = self._synced = 0  # changes made to the directory, and how many of them are on the disk
        self._written: list[_Written] = []  # and not synced yet
        self._batch: asyncio.Future[list[OSError | None]] | None = None  # is being synced
        self._there: set[str] = set()
        self._recover()
        self._left = frozenset(path.name for path in directory.iterdir())  # ids an earlier run gave out
        self._there.update(self._left)

    def new_id(self) -> str:
        """A queue id: microseconds of the arrival, then a counter; never one that an earlier run left in the queue."""
        while True:
            self._count += 1
            queue_id = f"{int(self._clock.now() * 1e6) % 0xFFFFF:05X}{self._count:05X}"
            if queue_id not in self._left:
                return queue_id

    async def store(self, mail: Queued) -> None:
        """Put a mail where a power cut cannot take it.  Raises OSError, and then nothing was stored."""
        await self.commit((mail,))

    async def commit(self, mails: Sequence[Queued], removed: Sequence[str] = ()) -> None:
        """Store all these mails and remove those: all of it, or nothing.  Raises OSError, and then it is nothing.

        A mail that is in the queue already is replaced.
        """
        if len(mails) == 1 and not removed and mails[0].queue_id not in self._there:
            await self._store_new(mails[0])
        elif mails:
            await asyncio.get_running_loop().run_in_executor(None, self._commit, tuple(mails), tuple(removed))
            self._there.update(mail.queue_id for mail in mails)
        else:
            self._remove(removed)

    def remove(self, queue_id: str) -> None:
        """The mail is somewhere else now."""
        self._remove((queue_id,))

    def pending(self) -> tuple[list[Queued], list[str]]:
        """What is in the queue, oldest first, and the ids of what cannot be read: that is set aside in `corrupt/`."""
        mails, corrupt = [], []
        for path in sorted(self.directory.iterdir()):
            if path.name.startswith("."):
                continue
            try:
                mails.append(from_bytes(path.read_bytes()))
            except (ValueError, TypeError, KeyError, AttributeError):
                self._set_aside(path)
                corrupt.append(path.name)
        return sorted(mails, key=lambda mail: (mail.arrived_at, mail.queue_id)), corrupt

    async def _store_new(self, mail: Queued) -> None:
        """Write it here and now, which only fills the page cache; and wait until it is on the disk."""
        part, loop = self._part(mail.queue_id), asyncio.get_running_loop()
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _write_all(handle, to_bytes(mail))
        except OSError:
            os.close(handle)
            part.unlink()
            raise
        stored: asyncio.Future[None] = loop.create_future()
        self._written.append(_Written(handle, part, self.directory / mail.queue_id, stored))
        if self._batch is None and len(self._written) == 1:
            loop.call_soon(self._sync_batch, loop)  # whatever else this turn of the loop brings goes with it
        await asyncio.shield(stored)
        self._there.add(mail.queue_id)

    def _sync_batch(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._written = self._written, []
        self._batch = loop.run_in_executor(None, self._sync_all, batch)
        self._batch.add_done_callback(lambda done: self._batch_synced(loop, batch, done))

    def _batch_synced(
        self, loop: asyncio.AbstractEventLoop, batch: list[_Written], done: asyncio.Future[list[OSError | None]]
    ) -> None:
        self._batch = None
        crash = done.exception()  # our own fault, and everybody's
        for one, error in zip(batch, [crash] * len(batch) if crash else done.result(), strict=True):
            if one.stored.cancelled():
                continue
            if error is None:
                one.stored.set_result(None)
            else:
                one.stored.set_exception(error)
        if self._written:
            self._sync_batch(loop)

    def _sync_all(self, batch: list[_Written]) -> list[OSError | None]:
        """In a thread: the contents, then the names.  What went wrong with each; such a one leaves nothing behind."""
        errors: list[OSError | None] = []
        for one in batch:
            try:
                try:
                    os.fsync(one.handle)
                finally:
                    os.close(one.handle)
                one.part.rename(one.path)
                errors.append(None)
            except OSError as error:
                one.part.unlink(missing_ok=True)
                errors.append(error)
        try:
            self._sync()
        except OSError as error:
            for one in batch:
                one.path.unlink(missing_ok=True)
            return [error] * len(batch)
        return errors

    def _commit(self, mails: tuple[Queued, ...], removed: tuple[str, ...]) -> None:
        stored = [mail.queue_id for mail in mails]
        paths = [self._part(queue_id) for queue_id in stored]
        journal = self.directory / f"{_JOURNAL}{stored[0]}"
        try:
            for mail, part in zip(mails, paths, strict=True):
                _write(part, to_bytes(mail))
            if len(mails) == 1 and not removed:  # one rename is a commit by itself
                self._store_one(stored[0])
                return
            draft = self.directory / f".draft-{stored[0]}"
            paths.append(draft)
            _write(draft, json.dumps({"stored": stored, "removed": removed}).encode())
            draft.rename(journal)
            paths.append(journal)
            self._sync()
        except OSError:
            for path in paths:
                path.unlink(missing_ok=True)
            raise
        with contextlib.suppress(OSError):  # it has happened; what is not finished now is finished at the next start
            self._finish(journal, stored, removed)

    def _store_one(self, queue_id: str) -> None:
        path = self.directory / queue_id
        replaced = path.exists()
        self._part(queue_id).rename(path)
        try:
            self._sync()
        except OSError:
            if not replaced:
                path.unlink()
            raise

    def _finish(self, journal: Path, stored: Iterable[str], removed: Iterable[str]) -> None:
        """Do what the journal says, as often as it takes: a part that is not there was renamed before."""
        for queue_id in stored:
            part = self._part(queue_id)
            if part.exists():
                part.rename(self.directory / queue_id)
        self._remove(removed)
        self._sync()
        journal.unlink()

    def _recover(self) -> None:
        for journal in sorted(self.directory.glob(f"{_JOURNAL}*")):
            try:
                change = json.loads(journal.read_bytes())
                self._finish(journal, change["stored"], change["removed"])
            except (ValueError, TypeError, KeyError):  # not ours, or a broken disk: better somebody looks at it
                for path in self.directory.glob(".*"):
                    self._set_aside(path)
        for path in self.directory.glob(".*"):
            path.unlink()

    def _set_aside(self, path: Path) -> None:
        aside = self.directory.parent / "corrupt"
        aside.mkdir(exist_ok=True)
        path.rename(aside / path.name.lstrip("."))

    def _remove(self, queue_ids: Iterable[str]) -> None:
        for queue_id in queue_ids:
            (self.directory / queue_id).unlink(missing_ok=True)
            self._there.discard(queue_id)

    def _part(self, queue_id: str) -> Path:
        return self.directory / f".{queue_id}"

    def _sync(self) -> None:
        """Have the names in the directory on the disk.  Mails that are stored at once share one sync."""
        with self._counting:
            self._renamed += 1
            mine = self._renamed
        with self._syncing:
            if self._synced >= mine:
                return
            all_so_far = self._renamed
            handle = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            self._synced = all_so_far


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
