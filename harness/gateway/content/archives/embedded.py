"""embedded - archives and programs inside other bytes: behind a picture, in a program's resources."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.magic import container_of, windows_program
from harness.gateway.content.part import Part

# Strong magics only, and what stands behind them must make sense: a program that reads archives holds the magic too.
# zip and rar look for themselves.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\xfd7zXZ\0", "xz"),
)
_RAR = b"Rar!\x1a\x07"
# Containers whose own format stops at their end: what else stands in the file, or is stored in them, begins like this.
_ENDED = frozenset({"7z", "cab", "rar"})
_MOST = 16
_MOST_TRIES = 200_000  # places where a program could begin: a hundred megabytes of noise have 1 600


@archives.register("embedded")
class Embedded:
    """In a program an archive is a self-extractor; in a picture it is a trick, and told."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        kind = container_of(data)
        if len(data) < 128 or (kind and kind not in _ENDED):
            return False  # taken apart by its own format, and may hold files plainly
        return b"\0" in data[:4096] and next(_places(data), None) is not None

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        # In an archive it may be stored; behind one, it may be all that another reader sees.  It is read, not told of.
        trick = not part.data.startswith((b"MZ", b"\x7fELF")) and container_of(part.data) not in _ENDED
        for number, (at, kind) in enumerate(_places(part.data), 1):
            if number > _MOST or not at:
                yield Trouble("unscannable", "Limits.Embedded", detail="too many things in one object")
                return
            if trick:
                yield Trouble("suspicious", f"Polyglot.{kind.capitalize()}", detail=f"at byte {at}")
            content = part.data[at:]
            budget.member()
            budget.spend(len(content))
            yield Member("", content, label=f"{kind}@{at}")


def _places(data: bytes) -> Iterator[tuple[int, str]]:
    """(offset, what begins there), the offset 0 left out: it says that there are too many places to look at."""
    for magic, kind in (*_MAGIC, (_RAR, "rar")) if data.startswith(_RAR) else _MAGIC:
        at = data.find(magic, 1)
        while at > 0:
            if _makes_sense(data, at, kind):
                yield at, kind
            at = data.find(magic, at + len(magic))
    at = data.find(b"MZ", 1)
    for _ in range(_MOST_TRIES):
        if at <= 0:
            return
        if windows_program(data, at) == "PE":
            yield at, "program"
        at = data.find(b"MZ", at + 2)
    yield 0, "too many"


def _makes_sense(data: bytes, at: int, kind: str) -> bool:
    match kind:
        case "7z":
            return data[at + 8 : at + 12] == crc32(data[at + 12 : at + 32]).to_bytes(4, "little")
        case "xz":
            return data[at + 8 : at + 12] == crc32(data[at + 6 : at + 8]).to_bytes(4, "little")
        case "rar":
            return data[at + 6 : at + 7] == b"\0" or data[at + 6 : at + 8] == b"\x01\0"
        case "cab":
            return data[at + 25 : at + 26] == b"\x01" and not any(data[at + 12 : at + 16])
        case _:
            return data[at + 28 : at + 30] == b"\xfe\xff"
