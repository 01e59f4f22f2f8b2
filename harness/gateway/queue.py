"""queue - accepted mail on disk until it is somewhere else: written, synced, taken up again after a crash. (IO)

One file per mail: a JSON line with the envelope, then the content.  It is written under another name and renamed, so
a file in the queue is always whole.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.clock import Clock


@dataclass(frozen=True, slots=True)
class Queued:
    """A mail in the queue; `data` has LF line ends."""

    queue_id: str
    sender: str
    recipients: tuple[str, ...]
    arrived_at: float  # s since the epoch
    pid: int  # of the session it came from, for the log
    held: bool = False
    notice: str = ""  # the kind of notice this is, for mail the gateway wrote itself
    about: str = ""  # and the queue id of the mail it is about
    unexamined: tuple[str, str] | None = None  # content is still to be looked at: the client's (address, name)
    data: bytes = b""


class Queue:
    """The queue directory.  Ids are Postfix's short form: upper-case hexadecimal, never the same twice."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self.directory, self._clock = directory, clock
        directory.mkdir(parents=True, exist_ok=True)
        self._count = 0
        self._left = frozenset(path.name for path in directory.iterdir())  # ids an earlier run gave out

    def new_id(self) -> str:
        """A queue id: microseconds of the arrival, then a counter; never one that an earlier run left in the queue."""
        while True:
            self._count += 1
            queue_id = f"{int(self._clock.now() * 1e6) % 0xFFFFF:05X}{self._count:05X}"
            if queue_id not in self._left:
                return queue_id

    async def store(self, mail: Queued) -> None:
        """Put a mail where a power cut cannot take it.  Raises OSError, and then nothing was stored."""
        await asyncio.get_running_loop().run_in_executor(None, self._write, mail)

    def remove(self, queue_id: str) -> None:
        """The mail is somewhere else now."""
        (self.directory / queue_id).unlink(missing_ok=True)

    def pending(self) -> tuple[list[Queued], list[str]]:
        """What is in the queue, oldest first, and the ids of what cannot be read: that is set aside in `corrupt/`."""
        mails, corrupt = [], []
        for path in sorted(self.directory.iterdir()):
            if path.name.startswith("."):
                continue
            try:
                mails.append(self._read(path))
            except (ValueError, TypeError, KeyError):
                aside = self.directory.parent / "corrupt"
                aside.mkdir(exist_ok=True)
                path.rename(aside / path.name)
                corrupt.append(path.name)
        return sorted(mails, key=lambda mail: (mail.arrived_at, mail.queue_id)), corrupt

    def _write(self, mail: Queued) -> None:
        envelope = asdict(mail)
        del envelope["data"]
        part = self.directory / f".{mail.queue_id}"
        try:
            with part.open("wb") as file:
                file.write(json.dumps(envelope).encode("ascii") + b"\n" + mail.data)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self.directory / mail.queue_id)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _read(self, path: Path) -> Queued:
        head, _, data = path.read_bytes().partition(b"\n")
        envelope = json.loads(head)
        envelope["recipients"] = tuple(envelope["recipients"])
        if envelope.get("unexamined") is not None:
            envelope["unexamined"] = tuple(envelope["unexamined"])
        return Queued(**envelope, data=data)
