"""utf16 - a text of two bytes a character, read as the program that runs it would (scripts, registry files, pages)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import MIB, Budget
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
        budget.member()
        # In pieces: a text of four bytes a character would need thrice the memory in one.
        decoder = codecs.getincrementaldecoder(_codec(part.data))("replace")
        places = iter(range(0, len(part.data), MIB))

        def step(_: int) -> bytes:
            at = next(places, None)
            if at is None:
                return b""
            return decoder.decode(part.data[at : at + MIB]).encode("utf-8", "replace")

        text = budget.drain(step, len(part.data))
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
