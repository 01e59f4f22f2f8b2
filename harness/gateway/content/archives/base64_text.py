"""base64_text - blocks of base64 in a text that no MIME header declares: preamble, epilogue, pasted attachments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.magic import looks_like_mail
from harness.gateway.content.part import Part
from harness.gateway.mime_decode import decode_base64

# Whole lines of the alphabet, padding at a line's end only.  What is shorter than the test file is a word, no block.
# Each match begins with the line end before it, which a search finds faster than the beginning of a line.
_LINE = rb"[A-Za-z0-9+/]{4,}={0,2}[ \t\r]*(?=\n|\Z)"
_LINES = _LINE + rb"(?:\n" + _LINE + rb")*(?:\n[A-Za-z0-9+/]{2,3}={1,2}[ \t\r]*(?=\n|\Z))?"
_FIRST, _BLOCK = re.compile(_LINES), re.compile(rb"\n" + _LINES)
_LEAST, _MOST = 80, 10_000
# A digit, a plus or a slash within a line's first hundred: prose in one long word is not base64.
_MIXED = re.compile(rb"[0-9+/]")


@archives.register("base64_text")
class Base64Text:
    """Only texts are asked: in a program such lines are an accident."""

    @staticmethod
    def recognises(part: Part) -> bool:
        if part.type.startswith("message/") or looks_like_mail(part.data):
            return False  # `message` reads it, and its header declares what is base64
        return b"\0" not in part.data[:4096] and any(_blocks(part.data))

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        for number, block in enumerate(_blocks(part.data), 1):
            if number > _MOST:
                yield Trouble("unscannable", "Limits.Embedded", detail=f"more than {_MOST} blocks of base64")
                return
            data = decode_base64(block).data
            budget.check_time()  # a log may have thousands: they count by their bytes, not by their number
            budget.spend(len(data))
            yield Member("", data, label=f"base64.{number}")


def _blocks(data: bytes) -> Iterator[bytes]:
    first = _FIRST.match(data)
    for match in chain([first] if first else [], _BLOCK.finditer(data, first.end() if first else 0)):
        block = match[0]
        if len(block) >= _LEAST and _MIXED.search(block, 0, 100):
            yield block
