"""client - the client side of an SMTP connection: bytes in, replies out; no sockets.

Lenient in: bare LFs end lines, lines without a code are kept, a code that changes within a reply does no harm.
"""

from __future__ import annotations

from functools import lru_cache

from harness.smtp.reply import Reply, parse_reply


class ClientConnection:
    """What a server says, as replies."""

    __slots__ = ("_at", "_buffer", "_lines")

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0  # everything before this place in the buffer is dealt with
        self._lines: list[str] = []  # of a reply that is not complete yet

    def receive(self, data: bytes) -> None:
        """Take bytes off the wire."""
        if self._at == len(self._buffer):
            self._buffer, self._at = data, 0
        else:
            self._buffer, self._at = self._buffer[self._at :] + data, 0

    @property
    def pending(self) -> bool:
        """Are there bytes, or lines, that make no complete reply yet?"""
        return self._at < len(self._buffer) or bool(self._lines)

    def next_reply(self) -> Reply | None:
        """The next complete reply; None: more bytes are needed.  A line without a code, alone, is a reply of code 0."""
        buffer = self._buffer
        while (end := buffer.find(b"\n", self._at)) >= 0:
            line = buffer[self._at : end].removesuffix(b"\r")
            self._at = end + 1
            self._lines.append(line.decode("utf-8", "surrogateescape"))
            coded = line[:3].isdigit() and len(line) >= 3
            if (coded and line[3:4] != b"-") or (not coded and len(self._lines) == 1):
                lines, self._lines = self._lines, []
                return _of_one(lines[0]) if len(lines) == 1 else parse_reply(lines)
        return None

    def next_code(self) -> int | None:
        """The code of the next complete reply (0: it has none), its text left unread: under load only codes count.

        Not to be mixed with `next_reply` within one reply.
        """
        buffer, at = self._buffer, self._at
        while (end := buffer.find(b"\n", at)) >= 0:
            if buffer[at + 3 : at + 4] != b"-":
                self._at = end + 1
                code = buffer[at : at + 3]
                return int(code) if code.isdigit() else 0
            at = end + 1
        return None

    def rest(self) -> bytes:
        """What came and is no complete reply: the last words of a server that hung up."""
        lines = "".join(f"{line}\r\n" for line in self._lines).encode("utf-8", "surrogateescape")
        return lines + self._buffer[self._at :]


@lru_cache(maxsize=256)
def _of_one(line: str) -> Reply:
    """Most replies are heard again and again."""
    return parse_reply([line])


def ehlo_keywords(reply: Reply) -> dict[str, str]:
    """The extensions an EHLO reply offers: upper-case keyword -> its parameters ("" where there are none)."""
    found: dict[str, str] = {}
    if reply.code == 250:
        for line in reply.lines[1:]:
            keyword, _, parameters = line.partition(" ")
            keyword, equals, old = keyword.partition("=")  # AUTH=LOGIN, as old clients want it
            found[keyword.upper()] = old if equals else parameters
    return found
