"""independent_readers - what readers that nobody here wrote take out of bytes: the oracle of the content fuzzer.

Whatever one of them can open, a recipient can open; if a test virus comes out, the engine may not call the mail clean.
"""

from __future__ import annotations

import bz2
import email
import gzip
import io
import logging
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

Reader = Callable[[bytes], Iterator[bytes]]
_DEEP = 4
_MOST = 4 * 1024 * 1024  # bytes read of one member
_MEMBERS = 200
# What these libraries raise for bytes that are none of theirs; anything else would be their fault, and no business here.
_NO = (
    OSError, EOFError, ValueError, KeyError, IndexError, TypeError, AttributeError, NotImplementedError, LookupError,
    OverflowError, MemoryError, RuntimeError, AssertionError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError,
    zlib.error,
)  # fmt: skip


# What a mail program would take for a saved mail: a field to begin with, one of MIME soon, and no NULs.
_MAIL = re.compile(rb"\s{0,8}[A-Za-z][A-Za-z-]{1,40}:[^\0]{0,1500}content-", re.IGNORECASE)


def who_finds(mail: bytes, wanted: Callable[[bytes], bool]) -> str:
    """The way to an object that is wanted (`email/zipfile`), "" when no reader comes upon one."""
    return _who(mail, wanted, {"email": _email}, 0)


def _who(data: bytes, wanted: Callable[[bytes], bool], readers: dict[str, Reader], depth: int) -> str:
    if depth > _DEEP:
        return ""
    for name, reader in readers.items():
        with suppress(*_NO):
            for number, member in enumerate(reader(data)):
                if number > _MEMBERS:
                    break
                if wanted(member):
                    return name
                if member != data and (inner := _who(member, wanted, READERS, depth + 1)):
                    return f"{name}/{inner}"
    return ""


def _email(data: bytes) -> Iterator[bytes]:
    for part in email.message_from_bytes(data).walk():
        if not part.is_multipart():
            content: Any = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content


def _zip(data: bytes) -> Iterator[bytes]:
    if b"PK\5\6" not in data:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            with suppress(*_NO), archive.open(info) as member:
                yield member.read(_MOST)


def _tar(data: bytes) -> Iterator[bytes]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if info.isreg() and (member := archive.extractfile(info)) is not None:
                yield member.read(_MOST)


def _gzip(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(data)) as stream:
            yield stream.read(_MOST)


def _bzip2(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"BZh"):
        with bz2.open(io.BytesIO(data)) as stream:
            yield stream.read(_MOST)


def _xz(data: bytes) -> Iterator[bytes]:
    if data.startswith((b"\xfd7zXZ", b"\x5d\0\0")):
        with lzma.open(io.BytesIO(data)) as stream:
            yield stream.read(_MOST)


def _ole(data: bytes) -> Iterator[bytes]:
    counts = (int.from_bytes(data[at : at + 4], "little") for at in (0x2C, 0x40, 0x48))
    if not data.startswith(b"\xd0\xcf\x11\xe0") or any(count > len(data) >> 9 for count in counts):
        return  # olefile would read gigabytes
    import olefile

    reader: Any = olefile.OleFileIO
    with reader(io.BytesIO(data)) as ole:
        for path in ole.listdir():
            if ole.get_size(path) <= len(data):
                yield ole.openstream(path).read(_MOST)


def _libarchive(data: bytes) -> Iterator[bytes]:
    from libarchive.exception import ArchiveError
    from libarchive.read import memory_reader

    logging.getLogger("libarchive").disabled = True
    with suppress(ArchiveError), memory_reader(data, format_name="all", filter_name="all") as archive:
        for entry in archive:
            size, blocks = 0, []
            with suppress(ArchiveError):
                for block in entry.get_blocks():
                    blocks.append(block)
                    if (size := size + len(block)) > _MOST:
                        break
            yield b"".join(blocks)


READERS: dict[str, Reader] = {
    "email": lambda data: _email(data) if _MAIL.match(data) else iter(()), "zipfile": _zip, "tarfile": _tar, "gzip": _gzip, "bz2": _bzip2, "lzma": _xz, "olefile": _ole,
    "libarchive": _libarchive,
}  # fmt: skip
