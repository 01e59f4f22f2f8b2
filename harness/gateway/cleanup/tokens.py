"""tokens - the words of a structured header, as header_token(3) of Postfix cuts them.

Other readers are kinder or stricter; here only Postfix's own reading counts, for it decides which part of a message
is looked at as what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ATOM_2045 = re.compile(rb'[^\x00-\x20\x7f()<>@,;:\\"/\[\]?=]+')
_ATOM_822 = re.compile(rb'[^\x00-\x20\x7f()<>@,;:\\".\[\]]+')
_IN_COMMENT = re.compile(rb"\\.?|[()]", re.DOTALL)
_IN_QUOTES = re.compile(rb'([^"\\\n]+)|\\(.)|.', re.DOTALL)
_BLANKS = b" \t\n"


@dataclass(frozen=True, slots=True)
class Token:
    """A word ("token"), the inside of a quoted string ("quoted"), or a special or control character (itself)."""

    kind: str
    value: bytes

    def is_word(self, text: bytes) -> bool:
        """True for this word, unquoted, in any case."""
        return self.kind == "token" and self.value.lower() == text


def clauses(value: bytes, most: int = 3) -> Iterator[list[Token]]:
    """The first tokens of each clause between semicolons (RFC 2045 specials); no empty last one."""
    tokens: list[Token] = []
    for token in _tokens(value, _ATOM_2045):
        if token.kind == ";":
            yield tokens
            tokens = []
        elif len(tokens) < most:
            tokens.append(token)
    if tokens:
        yield tokens


def first_token(value: bytes) -> Token | None:
    """The first token of an unstructured list (RFC 822 specials), or None."""
    return next(_tokens(value, _ATOM_822), None)


def _tokens(value: bytes, atom: re.Pattern[bytes]) -> Iterator[Token]:
    position, end = 0, len(value)
    while position < end:
        char = value[position : position + 1]
        if char in _BLANKS:
            position += 1
        elif char == b"(":
            position = _after_comment(value, position + 1)
        elif char == b'"':
            text, position = _quoted(value, position + 1)
            yield Token("quoted", text)
        elif match := atom.match(value, position):
            yield Token("token", match[0])
            position = match.end()
        else:
            yield Token(char.decode("latin-1"), char)
            position += 1


def _after_comment(value: bytes, position: int) -> int:
    """The offset behind a comment that nests; one that never ends takes the rest."""
    depth = 1
    for match in _IN_COMMENT.finditer(value, position):
        if match[0] == b"(":
            depth += 1
        elif match[0] == b")":
            depth -= 1
            if not depth:
                return match.end()
    return len(value)


def _quoted(value: bytes, position: int) -> tuple[bytes, int]:
    """The inside of a quoted string and the offset behind it; a fold takes the blanks before it away."""
    text = bytearray()
    for match in _IN_QUOTES.finditer(value, position):
        if match[1] is not None or match[2] is not None:
            text += match[1] or match[2]
        elif match[0] == b'"':
            return bytes(text), match.end()
        elif match[0] == b"\n":
            text = bytearray(text.rstrip(_BLANKS))
    return bytes(text), len(value)
