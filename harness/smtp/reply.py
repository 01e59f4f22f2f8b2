"""reply - an SMTP reply as a value, and its wire form (RFC 5321 4.2, RFC 2034)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")


class Reply(NamedTuple):
    """Code, enhanced status ("" where there is none) and the lines of text without either."""

    code: int
    status: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines of text as one, joined by newlines."""
        return "\n".join(self.lines)

    def __str__(self) -> str:
        return _text(self)

    def wire_lines(self) -> list[str]:
        """The lines as they go on the wire, without line ends."""
        status = f"{self.status} " if self.status else ""
        last = len(self.lines) - 1
        return [f"{self.code}{' ' if i == last else '-'}{status}{line}" for i, line in enumerate(self.lines)]

    def to_bytes(self) -> bytes:
        """The wire form, each line ended by CRLF."""
        return _wire(self)


# Most replies are said again and again.


@lru_cache(maxsize=1024)
def _text(made: Reply) -> str:
    return "\n".join(made.wire_lines())


@lru_cache(maxsize=1024)
def _wire(made: Reply) -> bytes:
    if len(made.lines) == 1:
        return f"{made.code} {made.status and made.status + ' '}{made.lines[0]}\r\n".encode("utf-8", "surrogateescape")
    return "".join(f"{line}\r\n" for line in made.wire_lines()).encode("utf-8", "surrogateescape")


def reply(code: int, status: str, *lines: str) -> Reply:
    """A reply in one call: `reply(250, "2.1.0", "Ok")`."""
    return Reply(code, status, lines or ("",))


def parse_reply(lines: list[str]) -> Reply:
    """The reply that these wire lines (without line ends) make; a peer's odd lines are kept as text, code 0."""
    texts: list[str] = []
    code, status = 0, ""
    for line in lines:
        head, rest = line[:3], line[4:]
        if not (head.isascii() and head.isdigit()) or len(head) != 3:  # a superscript two is a digit, too
            texts.append(line)
            continue
        code = int(head)
        match = _STATUS.match(rest)
        if match and match[1][0] == head[0]:
            status, rest = match[1], rest[match.end() :]
        texts.append(rest)
    return Reply(code, status, tuple(texts))
