"""command - a command line as its verb and words, split as Postfix's smtpd_token.c splits it.

White space separates words, but `<...>` and `"..."` keep theirs, a backslash protects the next character, and `FROM:`
and `TO:` end a word of their own, whether a space follows or not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_SPACE = b" \t\n\v\f\r"
_PREFIXES = (b"MAIL FROM:<", b"RCPT TO:<")
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")
_LT, _GT, _QUOTE, _BACKSLASH, _COLON = b'<>"\\:'


class Command(NamedTuple):
    """`words[0]` is the verb as it was sent; `unclosed` holds the places of words whose quote or bracket never ends."""

    verb: str  # upper case; "" for an empty line
    words: tuple[str, ...]
    unclosed: tuple[int, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words behind the verb."""
        return self.words[1:]


@lru_cache(maxsize=512)  # DATA, QUIT and RSET are all alike, and many a client names itself again and again
def split_command(line: bytes) -> Command:
    """The verb and words of a command line (without its line end).  Never raises.

    Text is UTF-8, other bytes come as surrogate escapes.  A NUL ends the line, as it ends a C string.
    """
    if 0 in line:
        line = line.partition(b"\0")[0]
    words = _split_usual(line)
    unclosed: tuple[int, ...] = ()
    if words is None:
        words, unclosed = _split_any(line)
    texts = tuple([word.decode("utf-8", "surrogateescape") for word in words])
    return Command(texts[0].upper() if texts else "", texts, unclosed)


def _split_usual(line: bytes) -> list[bytes] | None:
    """The words of a line of the usual form, the fast way; None: it is not of that form."""
    if b'"' in line or b"\\" in line:
        return None
    at = line.find(b"<")
    if at < 0:
        return None if b":" in line else line.split()
    head = line[: at + 1]
    if head not in _PREFIXES and head.upper() not in _PREFIXES:
        return None
    end = line.find(b">", at)
    rest = line[end + 1 :]
    if end < 0 or b"<" in line[at + 1 :] or b":" in rest or (rest and rest[0] not in _SPACE):
        return None
    return [head[:4], head[5:-1], line[at : end + 1], *rest.split()]


def _split_any(line: bytes) -> tuple[list[bytes], tuple[int, ...]]:
    """The words of any line, and the places of those that never end."""
    words: list[bytes] = []
    unclosed: list[int] = []
    word = bytearray()
    at, end = 0, len(line)

    def finish() -> None:
        if word:
            words.append(bytes(word))
            word.clear()

    while at < end:
        char = line[at]
        at += 1
        if char in _SPACE:
            finish()
        elif char in (_LT, _QUOTE):
            start = at - 1
            at, closed = _skip_quoted(line, at, _GT if char == _LT else _QUOTE)
            word += line[start:at]
            if not closed:
                unclosed.append(len(words))
        elif char == _COLON:
            word.append(char)
            if bytes(word).lower() in (b"to:", b"from:"):
                finish()
        else:
            word.append(char)
            if char == _BACKSLASH and at < end:
                word.append(line[at])
                at += 1
    finish()
    return words, tuple(unclosed)


def _skip_quoted(line: bytes, at: int, last: int) -> tuple[int, bool]:
    """Where the quoted text that ends in `last` stops, and whether it did end.  Brackets nest, quotes bind first."""
    stack = [last]
    while at < len(line):
        char = line[at]
        at += 1
        if char == _BACKSLASH:
            if at == len(line):
                break
            at += 1
        elif char == stack[-1]:
            stack.pop()
            if not stack:
                return at, True
        elif char == _QUOTE or (char == _LT and stack[-1] == _GT):
            stack.append(_QUOTE if char == _QUOTE else _GT)
    return at, False


def is_header(line: bytes) -> bool:
    """Does it begin like a header of a mail?  Source: is_header() in is_header.c."""
    return _HEADER.match(line) is not None


def is_utf8(line: bytes) -> bool:
    """Is it valid UTF-8?"""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
