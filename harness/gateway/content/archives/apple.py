"""apple - files with their resource fork in one: AppleSingle, AppleDouble (RFC 1740) and MacBinary."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

_SINGLE, _DOUBLE = b"\0\x05\x16\0", b"\0\x05\x16\x07"
_DATA, _RESOURCE, _NAME = 1, 2, 3
_TORN = -1


@archives.register("apple", "macbinary")
class Apple:
    """Both forks are objects; MacBinary has no magic, so its lengths must fit the file."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith((_SINGLE, _DOUBLE)) or _is_macbinary(part.data)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        forks = _macbinary(data) if data[1] != 5 or data[2] != 0x16 else _entries(data)
        name = next((content for kind, content in forks if kind == _NAME), b"").decode("mac_roman")
        for kind, content in forks:
            if kind == _TORN:
                yield Trouble("unscannable", "Broken.Apple", name, "torn off")
            elif content and kind != _NAME:
                budget.member()
                budget.spend(len(content))
                yield Member(name, content, label="" if kind == _DATA else f"{name}/resource fork")


def _entries(data: bytes) -> list[tuple[int, bytes]]:
    """(number of the entry, its bytes) in order: version, filler, a count, then (number, offset, length) of each."""
    found: list[tuple[int, bytes]] = []
    for number in range(int.from_bytes(data[24:26], "big")):
        kind, at, size = (int.from_bytes(data[26 + 12 * number + 4 * n :][:4], "big") for n in range(3))
        if kind in (_DATA, _RESOURCE, _NAME):
            found.append((kind, data[at : at + size]))
        if at + size > len(data):
            found.append((_TORN, b""))
    return found


def _lengths(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[83:87], "big"), int.from_bytes(data[87:91], "big")


def _is_macbinary(data: bytes) -> bool:
    """MacBinary II: zeros at 0, 74 and 82, a name of 1 to 63 letters, and forks in blocks of 128 that fill the file."""
    if len(data) <= 128 or data[0] or data[74] or data[82] or not 0 < data[1] < 64 or 0 in data[2 : 2 + data[1]]:
        return False
    sizes = _lengths(data)
    return sum(sizes) > 0 and 128 + sum(sizes) <= len(data) <= 128 + sum(size + 128 for size in sizes) + 128


def _macbinary(data: bytes) -> list[tuple[int, bytes]]:
    size, resource = _lengths(data)
    second = 128 + (size + 127) // 128 * 128
    return [
        (_NAME, data[2 : 2 + data[1]]),
        (_DATA, data[128 : 128 + size]),
        (_RESOURCE, data[second : second + resource]),
    ]
