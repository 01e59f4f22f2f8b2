"""utf16 - a text of two bytes a character, read as the program that runs it would (scripts, registry files, pages)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

_LEAST = 16


@archives.register("utf16")
class Utf16:
    """Known by its byte order mark, or by NULs at every other place of its first characters."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return bool(_codec(part.data))

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        text = part.data.decode(_codec(part.data), "replace").encode("utf-8", "replace")
        budget.member()
        budget.spend(len(text))
        yield Member(part.name, text, part.names[1:], type=part.type or "text/plain", label="utf-8")


def _codec(data: bytes) -> str:
    if len(data) < _LEAST:
        return ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and data[2:4] != b"\0\0":
        return "utf-16"
    head = data[:64]
    if not any(head[1::2]) and all(head[0::2]):
        return "utf-16-le"
    return "utf-16-be" if not any(head[0::2]) and all(head[1::2]) else ""
