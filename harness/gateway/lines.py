"""lines - logical lines and brace-aware words: the two ways in which Postfix cuts configuration text.

Text is str; bytes that are no UTF-8 travel as surrogate escapes and come back as the same bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WHITESPACE = " \t\n\v\f\r"
"""What isspace(3) accepts in the C locale; str.strip() alone would take Unicode blanks too."""

SEPARATORS = ", \t\r\n"
"""CHARS_COMMA_SP: what separates the words of a list."""


class BraceError(Exception):
    """Unbalanced braces, in the words of extpar(3)."""


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """A line and its continuations; newlines are gone, leading blanks of continuations stay."""

    number: int  # of the first physical line, from 1
    text: str
    marks: tuple[tuple[int, int], ...]  # (offset into text, physical line), ascending

    def line_at(self, offset: int) -> int:
        """The physical line that the character at this offset was written on."""
        return self.marks[max(0, bisect_right(self.marks, (offset, 1 << 62)) - 1)][1]


def decode(data: bytes) -> str:
    """The text of a file, losslessly."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of such a text."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # lone surrogates that no file can hold
        return text.encode("utf-8", "surrogatepass")


def is_utf8(text: str) -> bool:
    """False when the text carries bytes that are not UTF-8."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def logical_lines(text: str, path: str, warn: Callable[[str], None]) -> Iterator[LogicalLine]:
    """The logical lines of a file.

    Comment lines and blank lines vanish, inside a continued line too, and do not end it.  A file that begins with
    a continuation gets Postfix's warning and loses that line.  Source: readlline(3), postconf(5).
    """
    physical = text.split("\n")
    parts: list[str] = []
    marks: list[tuple[int, int]] = []
    length = 0
    for number, line in enumerate(physical, 1):
        stripped = line.lstrip(WHITESPACE)
        if not stripped or stripped[0] == "#":
            continue
        if parts and line[0] not in WHITESPACE:
            yield from _logical(parts, marks, path, warn)
            parts, marks, length = [], [], 0
        marks.append((length, number))
        parts.append(line)
        length += len(line)
    if parts:
        yield from _logical(parts, marks, path, warn)


def _logical(
    parts: list[str], marks: list[tuple[int, int]], path: str, warn: Callable[[str], None]
) -> Iterator[LogicalLine]:
    whole = "".join(parts)
    if whole[0] in WHITESPACE:
        more = "..." if len(whole) > 30 else ""
        warn(f'{path}: logical line must not start with whitespace: "{whole[:30]}{more}"')
        return
    yield LogicalLine(marks[0][1], whole, tuple(marks))


def words(text: str, separators: str = SEPARATORS) -> Iterator[tuple[int, str]]:
    """(offset, word) of each word; separators inside { } do not count and braces stay (mystrtokq).

    An opening brace without its closing one takes the rest of the text, as it does in Postfix.
    """
    position, end = 0, len(text)
    while True:
        while position < end and text[position] in separators:
            position += 1
        if position >= end:
            return
        start, level = position, 0
        while position < end:
            c = text[position]
            if c == "{":
                level += 1
            elif level > 0:
                if c == "}":
                    level -= 1
            elif c in separators:
                break
            position += 1
        yield start, text[start:position]


def plain_words(text: str, separators: str = SEPARATORS) -> Iterator[tuple[int, str]]:
    """(offset, word) of each word, braces being ordinary characters (mystrtok)."""
    position, end = 0, len(text)
    while True:
        while position < end and text[position] in separators:
            position += 1
        if position >= end:
            return
        start = position
        while position < end and text[position] not in separators:
            position += 1
        yield start, text[start:position]


def balanced(text: str) -> int:
    """Length of the balanced {...} that the text begins with; 0 when it does not (balpar)."""
    if not text.startswith("{"):
        return 0
    level = 0
    for position, c in enumerate(text):
        if c == "{":
            level += 1
        elif c == "}":
            level -= 1
            if level == 0:
                return position + 1
    return 0


def unbraced(text: str) -> str:
    """The text inside the outer braces, blanks trimmed.  Raises BraceError in the words of extpar(3)."""
    if not text.startswith("{"):
        raise BraceError(f"no '{{' at start of text in \"{text}\"")
    length = balanced(text)
    if length == 0:
        raise BraceError(f"missing '}}' in \"{text}\"")
    if text[length:].strip(WHITESPACE):
        raise BraceError(f"syntax error after '}}' in \"{text}\"")
    return text[1 : length - 1].strip(WHITESPACE)


def name_and_value(text: str, *, quoted: bool = False) -> tuple[str, str, int]:
    """`name = value` -> (name, value, offset of the value).  Raises BraceError with split_nameval(3)'s words.

    With `quoted`, blanks and `=` between double quotes belong to the name, as in an inline table (split_qnameval(3)).
    """
    start = _skip(text, 0)
    end, inside = start, False
    while end < len(text) and (inside or (text[end] not in WHITESPACE and text[end] != "=")):
        inside ^= quoted and text[end] == '"'
        end += 2 if quoted and text[end] == "\\" else 1
    end = min(end, len(text))
    equals = _skip(text, end)
    if end == start:
        raise BraceError("missing attribute name")
    if equals >= len(text) or text[equals] != "=":
        raise BraceError("missing '=' after attribute name")
    value = _skip(text, equals + 1)
    return text[start:end], text[value:].rstrip(WHITESPACE), value


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in WHITESPACE:
        position += 1
    return position
