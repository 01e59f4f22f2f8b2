"""zip - PKWARE's archive, read by its directory and by its local headers, because the two may lie to each other."""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import MIB, Budget, LimitPassed
from harness.gateway.content.magic import container_of
from harness.gateway.content.part import Part, leaves_directory
from harness.gateway.content.stream import Decompressor, Streams

# APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16.
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LOCAL_FORMAT = struct.Struct("<4s5H3L2H")
_CENTRAL_FORMAT = struct.Struct("<4s6H3L5H2L")
_END_FORMAT = struct.Struct("<4s4H2LH")
_STORED, _DEFLATED, _DEFLATE64, _BZIP2, _LZMA, _XZ = 0, 8, 9, 12, 14, 95
# A local header in the middle of something: version, flags and method must make sense.
_HEADER = re.compile(rb"PK\x03\x04[\x0a-\x3f]\x00[\x00-\xff][\x00-\x08][\x00\x08\x09\x0c\x0e\x5d\x5f]\x00")
_ENCRYPTED, _STREAMED, _UTF8 = 1, 8, 0x800
_ZIP64 = 0xFFFFFFFF
_END64, _LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_WIDE, _UNICODE_PATH = 0x0001, 0x7075  # extra fields: 4.5.3, 4.6.9
_DICTIONARY = 64 * MIB


@dataclass(frozen=True, slots=True)
class _Entry:
    """A member as one header describes it; `offset` is that of its local header."""

    name: str
    flags: int
    method: int
    packed: int
    size: int
    offset: int
    hidden: bool = False  # the directory does not list it
    other_name: str = ""  # what an extra field calls it, and Info-ZIP's programs with it


@archives.register("zip")
class Zip:
    """Members of the directory first, then local headers it hides.  No declared size is trusted."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        if data.startswith((_LOCAL, _END)):
            return True
        at = data.rfind(_END)
        if container_of(data) or data.startswith(b"%PDF-"):
            # It may hold a zip plainly; it is one only where a reader that starts at the end finds it.
            return at >= 0 and len(data) == at + _END_FORMAT.size + int.from_bytes(data[at + 20 : at + 22], "little")
        # A directory makes a zip whatever stands in front or behind: a picture, a program, zeros.
        return (at >= 0 and _ends_directory(data, at)) or _HEADER.search(data) is not None

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        first = data.find(_LOCAL)
        entries, trouble = _directory(data)
        if trouble:
            yield trouble
        if first > 0 and not data.startswith(b"MZ"):  # self-extractors begin as programs
            yield Trouble("suspicious", "Polyglot.Zip", detail=f"{first} bytes in front of the archive")
        reach = 0
        for entry in sorted(entries, key=lambda entry: entry.offset):
            if entry.offset < reach:
                yield Trouble("suspicious", "Overlap.Zip", entry.name, "shares its bytes with another member")
                break
            reach = entry.offset + 30 + len(entry.name) + entry.packed
        known = {entry.offset for entry in entries}
        end = 0
        for entry in entries:
            budget.member()
            end = max(end, entry.offset + 30 + entry.packed)
            yield from _read(data, entry, budget)
        for entry in _hidden(data, known, end):
            budget.member()
            yield Trouble("suspicious", "Hidden.Zip", entry.name, "not in the directory")
            yield from _read(data, entry, budget)


def _ends_directory(data: bytes, at: int) -> bool:
    """Whether a directory really ends here: a program that reads zips holds the same four bytes."""
    if data[at - 20 : at - 16] == b"PK\x06\x07":
        return True  # the locator of a 64-bit directory
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    return 0 < size <= at and data.startswith(_CENTRAL, at - size)


def _directory(data: bytes) -> tuple[list[_Entry], Trouble | None]:
    """The entries of the central directory, and what is wrong with it."""
    end = data.rfind(_END)
    if end < 0 or len(data) < end + _END_FORMAT.size:
        return [], Trouble("unscannable", "Broken.Zip", detail="no directory")
    _, _, _, _, count, size, offset, comment = _END_FORMAT.unpack_from(data, end)
    last = end  # where what follows the directory begins
    if data[end - 20 : end - 16] == _LOCATOR64 and (wide := data.rfind(_END64, 0, end - 20)) >= 0:
        count, size, offset = (int.from_bytes(data[wide + at : wide + at + 8], "little") for at in (32, 40, 48))
        last = wide
    # Bytes in front of the archive shift every offset (self-extractors, polyglots).
    shift = max(0, last - size - offset)
    at, entries = offset + shift, []
    while data.startswith(_CENTRAL, at) and at + _CENTRAL_FORMAT.size <= len(data):
        (_, _, _, flags, method, _, _, _, packed, unpacked, name_length, extra, remark, _, _, _, local) = (
            _CENTRAL_FORMAT.unpack_from(data, at)
        )
        start = at + _CENTRAL_FORMAT.size
        raw = data[start : start + name_length]
        more = _extras(data[start + name_length : start + name_length + extra])
        unpacked, packed, local = _widened(more.get(_WIDE, b""), unpacked, packed, local)
        other = _unicode_path(more.get(_UNICODE_PATH, b""))
        entries.append(_Entry(_name(raw, flags), flags, method, packed, unpacked, local + shift, other_name=other))
        at = start + name_length + extra + remark
    if len(entries) != count and (last != end or len(entries) & 0xFFFF != count):
        return entries, Trouble("suspicious", "Header.Zip", detail=f"{count} members declared, {len(entries)} listed")
    rest = len(data) - end - _END_FORMAT.size - comment
    if rest > 0 and data[-rest:].strip(b"\0\r\n"):
        return entries, Trouble("suspicious", "TrailingData.Zip", detail=f"{rest} bytes behind the end")
    return entries, None


def _hidden(data: bytes, known: set[int], end: int) -> Iterator[_Entry]:
    """Local headers the directory does not list: all of them when there is none, else those between its members.

    A stored zip inside this one has local headers of its own; they lie within a listed member and are left to it.
    """
    plain = data.startswith(_LOCAL)
    at = data.find(_LOCAL)
    while at >= 0 and at + _LOCAL_FORMAT.size <= len(data):
        if at not in known and not plain and not _HEADER.match(data, at):
            at = data.find(_LOCAL, at + 4)  # four bytes of a program, a picture
            continue
        _, _, flags, method, _, _, _, packed, size, length, extra = _LOCAL_FORMAT.unpack_from(data, at)
        start = at + _LOCAL_FORMAT.size
        if at in known:
            at = data.find(_LOCAL, max(start, min(end, len(data))))
            continue
        extras = _extras(data[start + length : start + length + extra])
        size, packed = _widened(extras.get(_WIDE, b""), size, packed)
        yield _Entry(_name(data[start : start + length], flags), flags, method, packed, size, at, hidden=True)
        at = data.find(_LOCAL, start + length + extra + (0 if flags & _STREAMED else packed))


def _read(data: bytes, entry: _Entry, budget: Budget) -> Iterator[Member | Trouble]:
    """One member and what is wrong with it."""
    if not data.startswith(_LOCAL, entry.offset) or entry.offset + _LOCAL_FORMAT.size > len(data):
        yield Trouble("unscannable", "Broken.Zip", entry.name, "no local header where the directory says")
        return
    _, _, flags, method, _, _, _, packed, size, length, extra = _LOCAL_FORMAT.unpack_from(data, entry.offset)
    start = entry.offset + _LOCAL_FORMAT.size
    local_name = _name(data[start : start + length], flags)
    start += length + extra
    more = _extras(data[start - extra : start])
    size, packed = _widened(more.get(_WIDE, b""), size, packed)
    given = (local_name, entry.other_name, _unicode_path(more.get(_UNICODE_PATH, b"")))
    names = tuple(dict.fromkeys(name for name in given if name and name != entry.name))
    if local_name != entry.name or any(_extension(name) != _extension(entry.name) for name in names):
        yield Trouble("suspicious", "Header.Zip", entry.name, f"also named {names[0] if names else ''!r}")
    if leaves_directory("", entry.name):
        yield Trouble("suspicious", "Path.Zip", entry.name, "leaves the directory")
    if (entry.flags | flags) & _ENCRYPTED:
        # It may only say so: what comes out without a password is looked at, and that nothing does is no further news.
        yield Trouble("unscannable", "Encrypted.Zip", entry.name)
        for way in dict.fromkeys((method, entry.method)):
            yield from (
                thing
                for thing in _unpack(data, start, way, entry, names, budget)
                if isinstance(thing, Member) and thing.data
            )
        return
    if method != entry.method:
        yield Trouble("suspicious", "Header.Zip", entry.name, "two methods")
    if entry.name.endswith("/") and not entry.packed and not packed:
        return  # a directory
    for way in dict.fromkeys((method, entry.method)):
        yield from _unpack(data, start, way, entry, names, budget)
    declared = {entry.size} if flags & _STREAMED else {entry.size, size}
    if len(declared) > 1:
        yield Trouble("suspicious", "Header.Zip", entry.name, "two sizes")


def _unpack(
    data: bytes, start: int, method: int, entry: _Entry, names: tuple[str, ...], budget: Budget
) -> Iterator[Member | Trouble]:
    if method == _STORED:
        size = entry.packed
        content = data[start : start + (size or entry.size)]
        budget.spend(len(content))
        yield Member(entry.name, content, names)
        if entry.size != size and size:
            # One reader takes so many bytes, another so many.
            yield Trouble("suspicious", "Header.Zip", entry.name, f"{size} bytes stored for {entry.size}")
            yield Member(entry.name, data[start : start + entry.size], names)
        if len(content) < size:
            yield Trouble("unscannable", "Broken.Zip", entry.name, "torn off")
        return
    end = start + entry.packed if 0 < entry.packed < len(data) - start else len(data)
    try:
        streams = _streams(data, start, end, method)
    except ImportError as error:
        yield Trouble("unscannable", f"Method{method}.Zip", entry.name, str(error))
        return
    if streams is None:
        yield Trouble("unscannable", f"Method{method}.Zip", entry.name, "no unpacker for this method")
        return
    try:
        content = budget.drain(streams.read, end - start)
    except LimitPassed as passed:
        # The next member may be small: what hides behind a bomb is looked for all the same.
        budget.spend(len(passed.partial))
        yield Trouble("unscannable", passed.limit, entry.name)
        yield Member(entry.name, passed.partial, names)
        return
    if streams.torn and end < len(data):
        # The declared size was a lie: the stream knows its own end better.
        yield Trouble("suspicious", "Header.Zip", entry.name, "longer than declared")
        streams = _streams(data, start, len(data), method)
        assert streams is not None
        content = budget.drain(streams.read, len(data) - start)
    budget.spend(len(content))
    yield Member(entry.name, content, names)
    if streams.broken or streams.torn:
        yield Trouble("unscannable", "Broken.Zip", entry.name, "torn off" if streams.torn else "damaged")
    elif len(content) != entry.size and not entry.hidden:
        yield Trouble("suspicious", "Header.Zip", entry.name, f"{entry.size} bytes declared, {len(content)} found")


def _streams(data: bytes, start: int, end: int, method: int) -> Streams | None:
    """One compressed stream; None where nothing here unpacks the method.  Raises ImportError."""
    if method == _DEFLATED:
        return Streams(data, lambda: zlib.decompressobj(-15), b"", zlib.error, start, end)
    if method == _DEFLATE64:
        from harness.gateway.content.deflate64 import Deflate64, Deflate64Error

        return Streams(data, Deflate64, b"", Deflate64Error, start, end)
    if method == _BZIP2:
        return Streams(data, bz2.BZ2Decompressor, b"", OSError, start, end)
    if method == _XZ:
        return Streams(
            data, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DICTIONARY), b"", lzma.LZMAError, start, end
        )
    if method == _LZMA and len(data) >= start + 9:
        # APPNOTE 5.8.8: version, size of the properties (5), the properties; then raw LZMA1.
        packed_properties = data[start + 4]
        lc, rest = packed_properties % 9, packed_properties // 9
        dictionary = int.from_bytes(data[start + 5 : start + 9], "little")
        if lc + rest % 5 > 4 or rest // 5 > 4 or dictionary > _DICTIONARY:
            return None
        chain = [{"id": lzma.FILTER_LZMA1, "lc": lc, "lp": rest % 5, "pb": rest // 5, "dict_size": dictionary or 4096}]

        def make() -> Decompressor:
            return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)

        return Streams(data, make, b"", lzma.LZMAError, start + 9, end)
    return None


def _extras(field: bytes) -> dict[int, bytes]:
    """The extra fields of a header by their numbers (4.5.1), the first of each."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(field):
        kind, size = struct.unpack_from("<HH", field, at)
        found.setdefault(kind, field[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _widened(wide: bytes, *values: int) -> list[int]:
    """The values of 32 bits, those that say 0xFFFFFFFF taken from the 64-bit field, in its order (4.5.3)."""
    widened: list[int] = []
    for value in values:
        if value == _ZIP64 and len(wide) >= 8:
            value, wide = int.from_bytes(wide[:8], "little"), wide[8:]
        widened.append(value)
    return widened


def _unicode_path(field: bytes) -> str:
    """Version, check sum of the plain name, the name in UTF-8 (4.6.9)."""
    return field[5:].decode("utf-8", "replace") if field[:1] == b"\x01" else ""


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _name(raw: bytes, flags: int) -> str:
    if flags & _UTF8:
        return raw.decode("utf-8", "replace")
    return raw.decode("ascii") if raw.isascii() else raw.decode("cp437")
