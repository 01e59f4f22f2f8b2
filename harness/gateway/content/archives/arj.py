"""arj - ARJ archives: stored and packed members (methods 0 to 3), encrypted and split ones told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.lzhuf import LzhufError, expand
from harness.gateway.content.part import Part

_MAGIC = b"\x60\xea"
_GARBLED, _VOLUME = 0x01, 0x04
_WINDOW = 26624


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    flags: int
    method: int
    kind: int
    packed: int
    size: int
    end: int  # where what follows the header begins


@archives.register("arj")
class Arj:
    """technote of ARJ 2.41: a main header, then a header and the bytes of each file.  Methods 1 to 3 are LZ77 with
    Huffman codes, as in LHA; method 4 is refused.
    """

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_MAGIC) and 30 <= int.from_bytes(part.data[2:4], "little") <= 2600

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        main = _header(data, 0)
        at = main.end if main else len(data)
        while header := _header(data, at):
            packed = data[header.end : header.end + header.packed]
            at = header.end + header.packed
            if header.kind not in (0, 1):
                continue  # a directory, a label
            budget.member()
            if header.flags & _GARBLED:
                yield Trouble("unscannable", "Encrypted.Arj", header.name)
                continue
            yield from _file(header, packed, budget)
            if header.flags & _VOLUME or len(packed) < header.packed:
                yield Trouble("unscannable", "Split.Arj", header.name, "it goes on in another volume")
        if data[at : at + 4] != _MAGIC + b"\0\0":
            yield Trouble("unscannable", "Broken.Arj", detail="no end")


def _file(header: _Header, packed: bytes, budget: Budget) -> Iterator[Member | Trouble]:
    if header.method == 0:
        budget.spend(len(packed))
        yield Member(header.name, packed)
        return
    if header.method not in (1, 2, 3):
        yield Trouble("unscannable", f"Method{header.method}.Arj", header.name)
        return
    pieces = expand(packed, header.size, _WINDOW)
    failed: list[str] = []

    def step(_: int) -> bytes:
        try:
            return next(pieces, b"")
        except LzhufError as error:
            failed.append(str(error))
            return b""

    content = budget.drain(step, len(packed))
    budget.spend(len(content))
    yield Member(header.name, content)
    if failed or len(content) < header.size:
        yield Trouble("unscannable", "Broken.Arj", header.name, *failed[:1])


def _header(data: bytes, at: int) -> _Header | None:
    """The header at a place; None at the end, and where there is none."""
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    body = data[at + 4 : at + 4 + size]
    if not data.startswith(_MAGIC, at) or not size or len(body) < size or size < 30:
        return None
    first = body[0]
    name = body[first:].partition(b"\0")[0].decode("cp437")
    end = at + 4 + size + 4
    while extended := int.from_bytes(data[end : end + 2], "little"):
        end += 2 + extended + 4
        if end > len(data):
            return None
    packed, unpacked = int.from_bytes(body[12:16], "little"), int.from_bytes(body[16:20], "little")
    return _Header(name, body[4], body[5], body[6], packed, unpacked, end + 2)
