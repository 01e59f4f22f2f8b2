"""lnk - Windows shortcuts: the command line inside, and what is appended behind it (MS-SHLLINK)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

_MAGIC = b"L\0\0\0\x01\x14\x02\0"
_HAS_TARGET, _HAS_INFO, _UNICODE = 0x01, 0x02, 0x80
_STRINGS = (0x04, 0x08, 0x10, 0x20, 0x40)  # name, relative path, working directory, arguments, icon


@archives.register("lnk")
class Lnk:
    """One text of all its strings, for those who look for commands; then whatever follows its blocks."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_MAGIC) and len(part.data) >= 76

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        flags = int.from_bytes(data[20:24], "little")
        at = 76
        if flags & _HAS_TARGET:
            at += 2 + int.from_bytes(data[at : at + 2], "little")
        if flags & _HAS_INFO:
            at += max(4, int.from_bytes(data[at : at + 4], "little"))
        strings: list[str] = []
        wide = 2 if flags & _UNICODE else 1
        for bit in _STRINGS:
            if flags & bit:
                size = int.from_bytes(data[at : at + 2], "little") * wide
                raw = data[at + 2 : at + 2 + size]
                strings.append(raw.decode("utf-16-le" if wide == 2 else "cp1252", "replace"))
                at += 2 + size
        budget.member()
        yield Member("", " ".join(strings).encode("utf-8", "replace"), type="text/x-command", label="command")
        while (size := int.from_bytes(data[at : at + 4], "little")) >= 4 and at + size <= len(data):
            at += size
        if rest := data[at + 4 :].strip(b"\0"):
            budget.member()
            budget.spend(len(rest))
            yield Trouble("suspicious", "TrailingData.Lnk", detail=f"{len(rest)} bytes behind the shortcut")
            yield Member("", rest, label="overlay")
