"""signature - one byte pattern: where it may lie and what it looks like, in the notation of ClamAV's .ndb files.

Hexadecimal with `??` `a?` `?a` for unknown halves, `*` `{n}` `{n-m}` `{-n}` `{n-}` `[n-m]` for gaps, `(aa|bb)` and
`!(aa|bb)` for choices, `(B)` `(L)` `(W)` for the ends of words and lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.gateway.content.magic import windows_program
from harness.gateway.content.pe_layout import entry_point, sections_of
from harness.gateway.rule import Rule

_TOKEN = re.compile(
    r"(?P<byte>[0-9a-fA-F?]{2})|(?P<any>\*)|\{(?P<low>\d*)(?P<to>-?)(?P<high>\d*)\}|\[(?P<least>\d+)-(?P<most>\d+)\]|"
    r"(?P<edge>!?\([BLW]\))|(?P<not>!?)\((?P<choice>[0-9a-fA-F?|]+)\)"
)
_OFFSET = re.compile(r"(?P<base>EOF-|EP\+|EP-|S(?P<section>\d+|L)\+|SE(?P<whole>\d+)|)(?P<n>\d*)(?:,(?P<shift>\d+))?")
_EDGES = {
    "B": rb"(?:\b|(?<![0-9A-Za-z])|(?![0-9A-Za-z]))",
    "L": rb"(?:\A|\Z|(?<=[\r\n])|(?=[\r\n]))",
    "W": rb"[^0-9A-Za-z]",
}
_WIDEST = 16  # a gap that is wider ends a piece: the next one is looked for behind it
_MOST_TRIES = 50_000  # of one pattern in one object: hostile bytes could make it begin at every other place


@dataclass(frozen=True, slots=True)
class Offset:
    """Where a pattern begins: anywhere, or `number` bytes from a base, or up to `shift` bytes further on."""

    base: str = "*"  # * start end entry section last whole
    number: int = 0
    shift: int = 0
    section: int = 0

    def range(self, data: bytes) -> tuple[int, int] | None:
        """(first place, last place) in these bytes; None where the base does not exist."""
        match self.base:
            case "*":
                return 0, len(data)
            case "start":
                at: int | None = self.number
            case "end":
                at = len(data) - self.number
            case "entry":
                at = entry_point(data) if windows_program(data) == "PE" else None
                at = at + self.number if at is not None else None
            case _:
                sections = sections_of(data) if windows_program(data) == "PE" else []
                place = len(sections) - 1 if self.base == "last" else self.section
                if not 0 <= place < len(sections):
                    return None
                section = sections[place]
                if self.base == "whole":
                    return section.at, section.at + section.size
                at = section.at + self.number
        return None if at is None or at < 0 else (at, at + self.shift)


ANYWHERE = Offset()


class TooManyTries(Exception):
    """An object in which a pattern begins so often that looking further would take too long."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run without wide gaps, at most `width` bytes long, and how far behind the one before it begins."""

    pattern: re.Pattern[bytes]
    width: int
    least: int = 0
    most: int | None = None  # None: however far


@dataclass(frozen=True, slots=True)
class Signature:
    """One pattern under its name; `target` is any pe ole html mail picture elf text macho pdf flash java."""

    name: str
    target: str
    offset: Offset
    pieces: tuple[Piece, ...]
    literal: bytes  # its longest run of fixed bytes, to look for first
    rule: Rule

    def matches(self, data: bytes) -> bool:
        """Whether it is in the object."""
        return next(self.spans(data), None) is not None

    def spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """(start, end) of every place, from left to right, none overlapping.

        Raises TooManyTries.
        """
        bounds = self.offset.range(data)
        if bounds is None:
            return
        at, last = bounds
        tries = [_MOST_TRIES]
        first = self.pieces[0]
        while at <= last:
            found = first.pattern.search(data, at, min(len(data), last + first.width))
            if found is None or found.start() > last:
                return
            end = self._rest(data, found.end(), 1, tries)
            if end is None:
                at = found.start() + 1
                continue
            yield found.start(), end
            at = max(end, found.start() + 1)

    def _rest(self, data: bytes, end: int, number: int, tries: list[int]) -> int | None:
        """Where the pattern ends whose first pieces end here, or None."""
        if number == len(self.pieces):
            return end
        piece = self.pieces[number]
        at = end + piece.least
        stop = len(data) if piece.most is None else min(len(data), end + piece.most + piece.width)
        while found := piece.pattern.search(data, at, stop):
            tries[0] -= 1
            if tries[0] < 0:
                raise TooManyTries(self.name)
            whole = self._rest(data, found.end(), number + 1, tries)
            if whole is not None or piece.most is None:
                return whole  # behind an unbounded gap the nearest place is as good as any
            at = found.start() + 1
        tries[0] -= 1
        if tries[0] < 0:
            raise TooManyTries(self.name)
        return None


def read_pattern(text: str) -> tuple[tuple[Piece, ...], bytes]:
    """(its pieces, its longest run of fixed bytes).  Raises ValueError."""
    pieces: list[Piece] = []
    out: list[bytes] = []
    runs = [bytearray()]
    at = least = width = 0
    most: int | None = None
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise ValueError(f"neither hexadecimal nor a wildcard: {text[at : at + 8]!r}")
        at = token.end()
        if (byte := token["byte"]) and "?" not in byte:
            runs[-1] += bytes.fromhex(byte)
            out.append(re.escape(bytes.fromhex(byte)))
            width += 1
            continue
        runs.append(bytearray())
        if byte:
            out.append(_half(byte))
            width += 1
        elif token["choice"]:
            out.append(_choice(token["choice"], bool(token["not"])))
            width += max(map(len, token["choice"].split("|"))) // 2
        elif token["edge"]:
            edge = _EDGES[token["edge"].strip("!()")]
            out.append(b"(?!" + edge + b")" if token["edge"][0] == "!" else edge)
            width += 1
        else:
            low, high = _gap(token)
            if high is not None and high <= _WIDEST:
                out.append(b".{%d,%d}?" % (low, high))
                width += high
                continue
            if not out:
                raise ValueError("a pattern begins with a gap")
            pieces.append(Piece(re.compile(b"".join(out), re.DOTALL), width, least, most))
            out, width, least, most = [], 0, low, high
    if not out:
        raise ValueError("a pattern ends with a gap" if pieces else "an empty pattern")
    pieces.append(Piece(re.compile(b"".join(out), re.DOTALL), width, least, most))
    literal = bytes(max(runs, key=len))
    if len(literal) < 2:
        raise ValueError("a pattern needs two fixed bytes in a row")
    return tuple(pieces), literal


def read_offset(text: str) -> Offset:
    """`*`, N, EOF-N, EP+N, EP-N, Sx+N, SL+N, SEx, each with `,MAXSHIFT`.  Raises ValueError."""
    if text == "*":
        return ANYWHERE
    found = _OFFSET.fullmatch(text)
    if not found or (not found["n"] and not found["whole"]):
        raise ValueError(f"unknown offset {text!r}")
    base, shift = found["base"], int(found["shift"] or 0)
    if found["whole"]:
        return Offset("whole", 0, shift, int(found["whole"]))
    number = int(found["n"])
    if base.startswith("EP"):
        return Offset("entry", -number if base == "EP-" else number, shift)
    if found["section"]:
        last = found["section"] == "L"
        return Offset("last" if last else "section", number, shift, 0 if last else int(found["section"]))
    return Offset("end" if base == "EOF-" else "start", number, shift)


def _gap(token: re.Match[str]) -> tuple[int, int | None]:
    """(least, most) bytes of a gap; None for any number."""
    if token["any"]:
        return 0, None
    if token["least"]:
        low, high = int(token["least"]), int(token["most"])
    else:
        low = int(token["low"] or 0)
        if not token["to"]:
            if not token["low"]:
                raise ValueError("an empty gap {}")
            return low, low
        if not token["high"]:
            return low, None
        high = int(token["high"])
    if high < low:
        raise ValueError(f"a gap from {low} to {high}")
    return low, high


def _half(byte: str) -> bytes:
    """The class of a byte of which a half, or all, is unknown."""
    if byte == "??":
        return b"."
    fixed = int(byte.replace("?", ""), 16)
    values = [fixed << 4 | low for low in range(16)] if byte[1] == "?" else [high << 4 | fixed for high in range(16)]
    return b"[" + b"".join(b"\\x%02x" % value for value in values) + b"]"


def _choice(text: str, negated: bool) -> bytes:
    choices = text.split("|")
    if any(len(choice) % 2 or not choice for choice in choices):
        raise ValueError(f"half a byte in ({text})")
    spelled = [
        b"".join(
            _half(choice[at : at + 2]) if "?" in choice[at : at + 2] else re.escape(bytes.fromhex(choice[at : at + 2]))
            for at in range(0, len(choice), 2)
        )
        for choice in choices
    ]
    if not negated:
        return b"(?:" + b"|".join(spelled) + b")"
    if len({len(choice) for choice in choices}) > 1:
        raise ValueError(f"choices of different lengths in !({text})")
    return b"(?!" + b"|".join(spelled) + b").{%d}" % (len(choices[0]) // 2)
