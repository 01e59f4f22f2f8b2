"""szdd - files that Microsoft's compress.exe made (SETUP.EX_): LZSS over a window of 4096 bytes."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import KIB, Budget
from harness.gateway.content.part import Part

_MAGIC = b"SZDD\x88\xf0\x27\x33A"
_WINDOW = 4096


@archives.register("szdd")
class Szdd:
    """The header keeps the last letter of the name."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_MAGIC)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        budget.member()
        pieces = _expanded(part.data)
        content = budget.drain(lambda _: next(pieces, b""), len(part.data))
        budget.spend(len(content))
        name = part.name
        if name.endswith("_") and part.data[9:10].isalnum():
            name = name[:-1] + part.data[9:10].decode("ascii")
        yield Member(name, content, label="" if name else "expanded")
        if len(content) < int.from_bytes(part.data[10:14], "little"):
            yield Trouble("unscannable", "Broken.Szdd", detail="torn off")


def _expanded(data: bytes) -> Iterator[bytes]:
    window = bytearray(b" " * _WINDOW)
    place, at = _WINDOW - 16, 14
    out = bytearray()
    while at < len(data):
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                break
            if flags >> bit & 1:
                piece = data[at : at + 1]
                at += 1
            else:
                if at + 2 > len(data):
                    at = len(data)
                    break
                start = data[at] | (data[at + 1] & 0xF0) << 4
                length = (data[at + 1] & 0x0F) + 3
                at += 2
                piece = b""
                for step in range(length):
                    byte = window[(start + step) % _WINDOW]
                    out.append(byte)
                    window[place] = byte
                    place = (place + 1) % _WINDOW
                continue
            out += piece
            window[place] = piece[0]
            place = (place + 1) % _WINDOW
        if len(out) >= 64 * KIB:
            yield bytes(out)
            out.clear()
    if out:
        yield bytes(out)
