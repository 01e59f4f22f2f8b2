"""rar - RAR 4 and 5, wherever in the file they begin: behind a program, a picture, or a few stray bytes."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import MIB, Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.magic import container_of
from harness.gateway.content.part import Part

_OLD, _NEW = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_VOLUME = 0x0001  # of the main header: one of several
_BLOCKS_ENCRYPTED = 0x0080


@archives.register("rar")
class Rar:
    """unrar itself looks for the magic in the first megabyte, so this does too (CVE-2012-1443: MZ in front)."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return _start(part.data) >= 0

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        start = _start(part.data)
        data = part.data[start:] if start else part.data
        if start and not part.data.startswith(b"MZ"):
            yield Trouble("suspicious", "Polyglot.Rar", detail=f"{start} bytes in front of the archive")
        if data.startswith(_OLD):
            flags = int.from_bytes(data[10:12], "little")
            if flags & _BLOCKS_ENCRYPTED:
                yield Trouble("unscannable", "Encrypted.Rar", detail="even the names")
                return
            if flags & _VOLUME:
                yield Trouble("unscannable", "Split.Rar", detail="one of several volumes")
        yield from members_of(data, "Rar", budget, formats="rar" if data.startswith(_OLD) else "rar5")


def _start(data: bytes) -> int:
    if data.startswith((_OLD, _NEW)):
        return 0
    if container_of(data):
        return -1
    at = data.find(_OLD[:6], 0, MIB)
    return at if at >= 0 and data.startswith((_OLD, _NEW), at) else -1
