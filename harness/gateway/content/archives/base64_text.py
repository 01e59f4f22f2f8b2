"""base64_text - base64 in a text that no MIME header declares: preamble, epilogue, pasted file, calendar, JSON, XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.magic import MAIL_TYPES, looks_like_mail
from harness.gateway.content.part import Part, textual
from harness.gateway.mime_decode import decode_base64

# Whole lines of the alphabet, padding at a line's end only.  What is shorter than the test file is a word, no block.
# Each match begins with the line end before it, which a search finds faster than the beginning of a line.
_LINE = rb"[ \t]{0,16}[A-Za-z0-9+/]{4,}={0,2}[ \t\r]*(?=\n|\Z)"
_LINES = _LINE + rb"(?:\n" + _LINE + rb")*(?:\n[ \t]{0,16}[A-Za-z0-9+/]{2,3}={1,2}[ \t\r]*(?=\n|\Z))?"
_FIRST, _BLOCK = re.compile(_LINES), re.compile(rb"\n" + _LINES)
# Within a line: between quotes or tags, behind a colon (a value of JSON, XML, vCard), perhaps going on in lines of its
# own; and the folded lines of RFC 5545 3.1, of which the first may hold but a few letters.
_INLINE = re.compile(
    rb"(?<=[^A-Za-z0-9+/=\n])[A-Za-z0-9+/]{40,}(?:\r?\n[ \t]{0,16}[A-Za-z0-9+/]{2,}(?![^=\s<\"']))*={0,2}|"
    rb"(?<=:)[A-Za-z0-9+/]{1,39}(?:\r?\n[ \t][A-Za-z0-9+/]{1,})+={0,2}"
)
_LEAST, _MOST = 80, 10_000
# A digit, a plus or a slash within a line's first hundred: prose in one long word is not base64.
_MIXED = re.compile(rb"[0-9+/]")


@archives.register("base64_text")
class Base64Text:
    """In what is no text only whole lines count: inside a line of a program it would be an accident."""

    @staticmethod
    def recognises(part: Part) -> bool:
        if part.type in MAIL_TYPES or looks_like_mail(part.data):
            return False  # `message` reads it, and its header declares what is base64
        return any(_blocks(part.data))

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
    lines = chain([first] if first else [], _BLOCK.finditer(data, first.end() if first else 0))
    for match in chain(lines, _INLINE.finditer(data) if textual(data) else ()):
        block = match[0]
        if len(block) >= _LEAST and _MIXED.search(block, 0, 100):
            yield block
