"""queue_segment - one file of the queue: changes appended as records, and what a crash leaves of them. (IO)

    mailqueue KEY LENGTH CRC32 \\n {"stored": {id: size, ...}, "removed": [id, ...]} \\n mail mail ...

A record that is not whole does not count, so a change has happened altogether or not at all.  KEY is drawn for each
file and stands in its name; no sender knows it, so no mail can hold what looks like a record.

Beside it lies a list of mails that have left, for a process that is killed: it is written when they leave and never
synced.  The next record names them, too.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

MAILS, GONE = ".mails", ".gone"

Place = tuple[int, int]
"""Where the mail begins in the file, and how long it is."""


class Change(NamedTuple):
    """Mails to store, as they are written, and ids of those that leave."""

    contents: Mapping[str, bytes]
    removed: Sequence[str] = ()


class Found(NamedTuple):
    """A change that is in the file."""

    stored: dict[str, Place]
    removed: tuple[str, ...]
    end: int


class Broken(NamedTuple):
    """Bytes that are no record, and not the start of one that was being written."""

    start: int
    end: int


class Segment:
    """A file of the queue.  One that was found is not appended to."""

    def __init__(self, directory: Path, number: int, key: str = "") -> None:
        self.number, self.key = number, key or secrets.token_hex(8)
        self.path = directory / f"{number:08}-{self.key}{MAILS}"
        self.gone_path = self.path.with_suffix(GONE)
        self.mails: dict[str, Place] = {}  # those whose latest state is here
        self.size = 0
        self.spoilt = False  # there is something behind `size`
        self._handle = self._gone = -1
        self._mark = _mark(self.key)

    @staticmethod
    def of(path: Path) -> Segment | None:
        """The segment with this name; None for what is none."""
        number, dash, key = path.stem.partition("-")
        good = path.suffix in (MAILS, GONE) and number.isdigit() and dash and key.isalnum()
        return Segment(path.parent, int(number), key) if good else None

    def append(self, changes: Sequence[Change]) -> list[dict[str, Place]]:
        """Write these changes and have them on the disk; where their mails are.  Raises OSError: nothing was done."""
        at, records, placed = self.size, [], []
        for change in changes:
            made, places = _record(self._mark, change, at)
            records.append(made)
            placed.append(places)
            at += len(made)
        new = self._handle < 0
        if self.spoilt:
            raise OSError(errno.EIO, "Input/output error")
        try:
            if new:
                self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            _write_all(self._handle, b"".join(records))
            os.fsync(self._handle)
            if new:
                _sync_names(self.path.parent)
        except OSError:
            self._undo(new)
            raise
        self.size = at
        return placed

    def _undo(self, new: bool) -> None:
        try:
            if self._handle >= 0:
                os.ftruncate(self._handle, self.size)
            if new:  # its name may not be on the disk
                self.close()
                self.path.unlink(missing_ok=True)
        except OSError:
            self.spoilt = True

    def left(self, queue_ids: Sequence[str]) -> None:
        """These mails have left: noted for whoever comes after a kill.  A full disk is no reason to stop."""
        with contextlib.suppress(OSError):
            if self._gone < 0:
                self._gone = os.open(self.gone_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            os.write(self._gone, "".join(f"{queue_id}\n" for queue_id in queue_ids).encode())

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """The mails whose latest state is here.  Raises OSError."""
        data = self.path.read_bytes() if self.mails else b""
        for queue_id, (at, size) in self.mails.items():
            yield queue_id, data[at : at + size]

    def read(self) -> Iterator[Found | Broken]:
        """What is in the file.  Raises OSError."""
        data = self.path.read_bytes() if self.path.exists() else b""
        self.size = len(data)
        yield from read(data, self.key)

    def read_gone(self) -> list[str]:
        """Who has left; half a line is nobody.  Raises OSError."""
        text = self.gone_path.read_bytes().decode("ascii", "replace") if self.gone_path.exists() else ""
        return text.split("\n")[:-1]

    def close(self) -> None:
        """Nothing more is written."""
        for handle in (self._handle, self._gone):
            if handle >= 0:
                os.close(handle)
        self._handle = self._gone = -1

    def remove(self) -> None:
        """No mail is in here any more.  What cannot be removed does no harm, and is removed at the next start."""
        self.close()
        for path in (self.path, self.gone_path):  # in this order: a list without its mails means nothing
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def read(data: bytes, key: str) -> Iterator[Found | Broken]:
    """The records in these bytes, in order.  What broke off at the end, as a write does that is cut, is nothing."""
    mark, at = _mark(key), 0
    while at < len(data):
        found = _found(data, at, mark)
        if found is not None:
            yield found
            at = found.end
            continue
        on = data.find(mark, at + 1)
        while on >= 0 and _found(data, on, mark) is None:
            on = data.find(mark, on + 1)
        if on < 0:
            if not _is_cut(data, at, mark):
                yield Broken(at, len(data))
            return
        yield Broken(at, on)
        at = on


def _mark(key: str) -> bytes:
    return f"mailqueue {key} ".encode()


def _record(mark: bytes, change: Change, at: int) -> tuple[bytes, dict[str, Place]]:
    sizes = {queue_id: len(content) for queue_id, content in change.contents.items()}
    head = json.dumps({"stored": sizes, "removed": list(change.removed)}).encode() + b"\n"
    body = b"".join((head, *change.contents.values()))
    first = mark + b"%d %08x\n" % (len(body), zlib.crc32(body))
    return first + body, _places(sizes, at + len(first) + len(head))


def _places(sizes: Mapping[str, int], at: int) -> dict[str, Place]:
    places = {}
    for queue_id, size in sizes.items():
        places[queue_id] = at, size
        at += size
    return places


def _found(data: bytes, at: int, mark: bytes) -> Found | None:
    """The record that begins here; None where there is none, or not all of it."""
    line, body = _first_line(data, at, mark)
    try:
        length, checksum = int(line[0]), int(line[1], 16)
    except (ValueError, IndexError):
        return None
    end = body + length
    if length < 0 or end > len(data) or zlib.crc32(memoryview(data)[body:end]) != checksum:
        return None
    head = data.index(b"\n", body, end) + 1
    said = json.loads(data[body:head])
    return Found(_places(said["stored"], head), tuple(said["removed"]), end)


def _first_line(data: bytes, at: int, mark: bytes) -> tuple[list[bytes], int]:
    """The numbers behind the mark, and where the body begins."""
    end = data.find(b"\n", at, at + len(mark) + 40)
    if end < 0 or not data.startswith(mark, at):
        return [], at
    return data[at + len(mark) : end].split(), end + 1


def _is_cut(data: bytes, at: int, mark: bytes) -> bool:
    """Is the rest a record of which the end is missing, or room that was never written to?"""
    rest = data[at : at + len(mark)]
    if not mark.startswith(rest):
        return not any(data[at:])
    line, body = _first_line(data, at, mark)
    if not line:
        return len(data) - at < len(mark) + 40
    return len(line) == 2 and line[0].isdigit() and body + int(line[0]) > len(data)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _sync_names(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
