"""queue - accepted mail on disk until it is somewhere else: written, synced, taken up again after a crash. (IO)

Mails are appended to one file and synced together: one thread does it, in batches, while the next ones come.  A file
for each was measured: to make, sync, rename and remove it was half of what a mail cost, and the loop waited for it.

What belongs together changes together: a change is one record of the file (queue_segment.py), whole or not there.
That a mail has left is noted at once, and is on the disk with the next change; a power cut before it repeats the mail.

A file that has grown is followed by the next one, and goes when no mail is left in it.  Mails that stay long are taken
over into the newest, so that the files are never much larger than what is in the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from harness.clock import Clock
from harness.gateway.queue_segment import Broken, Change, Place, Segment
from harness.gateway.queued import Queued, from_bytes, to_bytes

_GROWN = 4 << 20  # bytes of a file that is followed by the next one
_ROOM = 8  # such files, before mails are taken over

_Results = list[dict[str, Place] | OSError]


class _Wanted(NamedTuple):
    """A change, and who waits for it: nobody where the queue makes it for itself."""

    change: Change
    done: asyncio.Future[None] | None = None
    source: Segment | None = None  # the mails are taken over from there


class Queue:
    """The queue directory.  Ids are Postfix's short form: upper-case hexadecimal, never the same twice."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        """Opens the directory, and sorts out what an earlier run left in it.  Raises OSError."""
        self.directory, self._clock = directory, clock
        directory.mkdir(parents=True, exist_ok=True)
        self._count = 0
        self._segments: list[Segment] = []  # oldest first
        self._open: Segment | None = None  # the last of them, if it is ours
        self._where: dict[str, Segment] = {}
        self._bytes = 0  # of all the mails there are
        self._wanted: list[_Wanted] = []  # and not being written yet
        self._left_since: list[str] = []  # mails that left, and no record says so
        self._batch: asyncio.Future[_Results] | None = None  # is being written
        self._due = False  # a batch is to begin
        self._earlier: set[str] = set()  # ids an earlier run gave out, and of which a file still tells
        self._corrupt = self._recover()

    def new_id(self) -> str:
        """A queue id: microseconds of the arrival, then a counter; never one that an earlier run left in the queue."""
        while True:
            self._count += 1
            queue_id = f"{int(self._clock.now() * 1e6) % 0xFFFFF:05X}{self._count:05X}"
            if queue_id not in self._earlier:
                return queue_id

    async def store(self, mail: Queued) -> None:
        """Put a mail where a power cut cannot take it.  Raises OSError, and then nothing was stored."""
        await self.commit((mail,))

    async def commit(self, mails: Sequence[Queued], removed: Sequence[str] = ()) -> None:
        """Store all these mails and remove those: all of it, or nothing.  Raises OSError, and then it is nothing.

        A mail that is in the queue already is replaced.
        """
        if not mails:
            self._leave(removed)
            return
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        contents = {mail.queue_id: to_bytes(mail) for mail in mails}
        self._wanted.append(_Wanted(Change(contents, tuple(removed)), done))
        if self._batch is None and not self._due:
            self._due = True
            loop.call_soon(self._write, loop)  # whatever else this turn of the loop brings goes with it
        await asyncio.shield(done)

    def remove(self, queue_id: str) -> None:
        """The mail is somewhere else now."""
        self._leave((queue_id,))

    def set_aside(self, mail: Queued) -> None:
        """Keep it where nobody delivers it, but somebody may look at it: `corrupt/`.  Raises OSError."""
        self._set_aside(mail.queue_id, to_bytes(mail))
        self.remove(mail.queue_id)

    def pending(self) -> tuple[list[Queued], list[str]]:
        """What is in the queue, oldest first, and names of what cannot be read: that is set aside in `corrupt/`."""
        mails, corrupt, self._corrupt = [], self._corrupt, []
        for segment in self._segments:
            for queue_id, content in segment.contents():
                try:
                    mails.append(from_bytes(content))
                except (ValueError, TypeError, KeyError, AttributeError):
                    self._set_aside(queue_id, content)
                    corrupt.append(queue_id)
        self._leave(corrupt)
        return sorted(mails, key=lambda mail: (mail.arrived_at, mail.queue_id)), corrupt

    async def close(self) -> None:
        """Write what is to be written; an empty queue leaves nothing behind."""
        while self._batch is not None or self._due:  # the next one may have begun
            if self._batch is not None:
                await asyncio.wait((self._batch,))
            await asyncio.sleep(0)
        for segment in self._segments:
            segment.close()
            if not self._where:
                segment.remove()
        self._open = None

    # -- changes -----------------------------------------------------------------------------------------------------

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin a batch: nothing else is being written, so where everything is is known."""
        self._due = False
        batch = [*self._own_changes(), *self._wanted]
        self._wanted, self._left_since = [], []
        segment = self._current()
        emptied = self._emptied()
        self._batch = loop.run_in_executor(None, _append, segment, [one.change for one in batch], emptied)
        self._batch.add_done_callback(lambda done: self._written(loop, segment, batch, done))

    def _own_changes(self) -> list[_Wanted]:
        own = [_Wanted(Change({}, tuple(self._left_since)))] if self._left_since else []
        if sum([segment.size for segment in self._segments]) > _ROOM * _GROWN + 2 * self._bytes:
            oldest = self._segments[0]
            with contextlib.suppress(OSError):  # where a disk cannot be read, mails stay where they are
                own.append(_Wanted(Change(dict(oldest.contents())), source=oldest))
        return own

    def _current(self) -> Segment:
        if self._open is None or self._open.size >= _GROWN or self._open.spoilt:
            if self._open is not None:
                self._open.close()
            number = self._segments[-1].number + 1 if self._segments else 1
            self._open = Segment(self.directory, number)
            self._segments.append(self._open)
        return self._open

    def _emptied(self) -> list[Segment]:
        """Files of which nothing is needed.  Never one in the middle: it says what has left an older one."""
        emptied = []
        while len(self._segments) > 1 and not self._segments[0].mails:
            emptied.append(self._segments.pop(0))
        return emptied

    def _written(
        self, loop: asyncio.AbstractEventLoop, segment: Segment, batch: list[_Wanted], done: asyncio.Future[_Results]
    ) -> None:
        self._batch = None
        crash = done.exception()  # our own fault, and everybody's
        results: Sequence[dict[str, Place] | BaseException]
        results = [crash] * len(batch) if crash is not None else done.result()
        for wanted, result in zip(batch, results, strict=True):
            if isinstance(result, dict):
                self._has_changed(segment, wanted, result)
            elif wanted.source is None:
                self._left_since += wanted.change.removed if wanted.done is None else ()
            if wanted.done is None or wanted.done.cancelled():
                continue
            if isinstance(result, dict):
                wanted.done.set_result(None)
            else:
                wanted.done.set_exception(result)
        if self._wanted:
            self._write(loop)

    def _has_changed(self, segment: Segment, wanted: _Wanted, places: dict[str, Place]) -> None:
        for queue_id, place in places.items():
            before = self._where.get(queue_id)
            if wanted.source is not None and before is not wanted.source:
                continue  # it has left meanwhile, and is noted as such
            if before is not None:
                self._forget(queue_id)
            segment.mails[queue_id], self._where[queue_id] = place, segment
            self._bytes += place[1]
        for queue_id in wanted.change.removed:
            if queue_id in self._where:
                self._forget(queue_id)

    def _forget(self, queue_id: str) -> None:
        self._bytes -= self._where.pop(queue_id).mails.pop(queue_id)[1]

    def _leave(self, queue_ids: Sequence[str]) -> None:
        left = [queue_id for queue_id in queue_ids if queue_id in self._where]
        for queue_id in left:
            self._forget(queue_id)
        if left:
            self._segments[-1].left(left)  # which is there as long as any that may hold them
            self._left_since += left

    # -- what an earlier run left ------------------------------------------------------------------------------------

    def _recover(self) -> list[str]:
        """Find the mails; the names of what could not be read, which is set aside."""
        corrupt, found, gone = [], {}, set[str]()
        for path in sorted(self.directory.iterdir()):
            if (segment := Segment.of(path)) is not None:
                found[segment.path] = segment
            elif path.is_file() and not path.name.startswith("."):  # lost+found is nobody's mail
                self._set_aside(path.name, path.read_bytes())
                path.unlink()
                corrupt.append(path.name)
        for segment in found.values():
            for one in segment.read():
                if isinstance(one, Broken):
                    corrupt.append(f"{segment.path.stem}.{one.start}")
                    self._set_aside(corrupt[-1], segment.path.read_bytes()[one.start : one.end])
                else:
                    self._has_changed(segment, _Wanted(Change({}, one.removed)), one.stored)
                    self._earlier.update(one.stored)
                    gone.update(one.removed)
            gone.update(segment.read_gone())
            self._segments.append(segment)
        self._earlier |= gone
        for queue_id in gone & self._where.keys():  # who has left never comes back
            self._forget(queue_id)
        if not self._where:
            for segment in self._segments:
                segment.remove()
            self._segments = []
        return corrupt

    def _set_aside(self, name: str, content: bytes) -> None:
        aside = self.directory.parent / "corrupt"
        aside.mkdir(exist_ok=True)
        (aside / name).write_bytes(content)


def _append(segment: Segment, changes: list[Change], emptied: list[Segment]) -> _Results:
    """In a thread: all at once; where that cannot be, each for itself: a large mail takes no small one along."""
    results: _Results = []
    try:
        results.extend(segment.append(changes))
    except OSError as error:
        results = [error] if len(changes) == 1 else []
    for change in changes if not results else ():
        try:
            results.extend(segment.append([change]))
        except OSError as error:
            results.append(error)
    for one in emptied:
        one.remove()
    return results
