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
# own.  A search for a run in a mask of the letters is many times faster than one for a pattern in the text.
_INLINE = re.compile(rb"[A-Za-z0-9+/]+(?:\r?\n[ \t]{0,16}[A-Za-z0-9+/]{2,}(?![^=\s<\"']))*={0,2}")
_LEAD = re.compile(rb"[:>\"'=,]([A-Za-z0-9+/]+)\r?\Z")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_MASK, _RUN = bytes(65 if byte in _ALPHABET else 32 for byte in range(256)), b"A" * 40
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
    first, done = _FIRST.match(data), 0
    for match in chain([first] if first else [], _BLOCK.finditer(data, first.end() if first else 0)):
        if _is_code(match[0]):
            if textual(data):
                yield from _inline(data, done, match.start())
                if lead := _LEAD.search(data, max(done, match.start() - 1000), match.start()):
                    yield lead[1] + match[0]  # its first line has something else in front
            done = match.end()
            yield match[0]
    if textual(data):
        yield from _inline(data, done, len(data))


def _is_code(block: bytes) -> bool:
    return len(block) >= _LEAST and _MIXED.search(block, 0, 100) is not None


def _inline(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """The blocks within lines, from a place to another."""
    mask = data[start:end].translate(_MASK)
    at = mask.find(_RUN)
    while at >= 0:
        match = _INLINE.match(data, start + _unfolded(data, mask, start, at), end)
        assert match is not None
        if _is_code(match[0]):
            yield match[0]
        at = mask.find(_RUN, max(at + len(_RUN), match.end() - start))


def _unfolded(data: bytes, mask: bytes, start: int, at: int) -> int:
    """Where the code really begins: the first of folded lines may hold but a few letters of it (RFC 5545 3.1)."""
    if at < 2 or data[start + at - 1] not in b" \t" or data[start + at - 2] != 0x0A:
        return at
    end = at - 2
    if end and data[start + end - 1] == 0x0D:
        end -= 1
    begin = mask.rfind(b" ", 0, end) + 1
    return begin if 0 < begin < end and data[start + begin - 1] == ord(":") else at
