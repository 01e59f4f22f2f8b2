"""message - a message as its raw logical headers and its body: nothing lost, nothing reordered.

Line ends are LF inside the gateway; CRLF is understood too, so that deliveries can be read.  The rules are those of
mime_state(3): a header is `name:` or the obsolete `name :`, lines that begin with a blank continue it, and the first
line that is neither ends the headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# The name, blanks that should not be there, the colon and the rest, and every continuation line.
LOGICAL_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*(:)[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Header:
    """One logical header as it stands in the message, its line ends included."""

    raw: bytes

    @property
    def name(self) -> str:
        """The name as written, without blanks before the colon."""
        return self.raw.partition(b":")[0].rstrip(b" \t").decode("ascii", "replace")

    @property
    def value(self) -> bytes:
        """What follows the colon, continuation lines and all, without blanks or line ends at either end."""
        return self.raw.partition(b":")[2].strip(b" \t\r\n")

    @property
    def text(self) -> str:
        """The value on one line (RFC 5322 2.2.3: only the line ends go), undecodable bytes as surrogates."""
        value = self.value
        if b"\n" in value:
            value = value.replace(b"\r\n", b"\n").replace(b"\n", b"")
        return value.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Message:
    """Headers, the empty line between (b"" when there is none), body.  `to_bytes` gives exactly what was parsed."""

    headers: tuple[Header, ...]
    separator: bytes
    body: bytes

    def to_bytes(self) -> bytes:
        """The message as bytes.  A blank line is put in where headers would run into the body."""
        head = b"".join([header.raw for header in self.headers])
        return head + (self.separator or self._gap(head)) + self.body

    def _gap(self, head: bytes) -> bytes:
        # Without an empty line the body began with a line that is no header: it still ends the headers by itself.
        body = self.body
        return b"\n" if body and head and (body[:1] in b" \t\n" or LOGICAL_HEADER.match(body)) else b""

    def all(self, name: str) -> tuple[Header, ...]:
        """Every header of this name, in order, any case."""
        wanted = name.lower()
        return tuple(header for header in self.headers if header.name.lower() == wanted)

    def first(self, name: str) -> Header | None:
        """The first header of this name, or None."""
        wanted = name.lower()
        return next((header for header in self.headers if header.name.lower() == wanted), None)

    def text(self, name: str) -> str:
        """The first value of this name on one line, or ""."""
        header = self.first(name)
        return header.text if header else ""

    def with_first(self, *lines: bytes) -> Message:
        """The same message with these header lines above all others."""
        return self._with((*map(Header, lines), *self.headers))

    def with_last(self, *lines: bytes) -> Message:
        """The same message with these header lines below all others."""
        return self._with((*self._ended(), *map(Header, lines)))

    def without(self, name: str) -> Message:
        """The same message without any header of this name."""
        wanted = name.lower()
        return self._with(tuple(header for header in self.headers if header.name.lower() != wanted))

    def with_replaced(self, name: str, change: Callable[[Header], bytes | None]) -> Message:
        """Each header of this name becomes the line that `change` gives for it, or goes when that is None."""
        wanted = name.lower()
        headers: list[Header] = []
        for header in self.headers:
            if header.name.lower() != wanted:
                headers.append(header)
            elif (line := change(header)) is not None:
                headers.append(Header(line))
        return self._with(tuple(headers))

    def with_body(self, body: bytes) -> Message:
        """The same headers over another body, an empty line between them."""
        return Message(self._ended(), self.separator or b"\n", body)

    def _ended(self) -> tuple[Header, ...]:
        """The headers, the last of them with its line end (data may stop in the middle of a line)."""
        headers = self.headers
        if headers and not headers[-1].raw.endswith(b"\n"):
            return (*headers[:-1], Header(headers[-1].raw + b"\n"))
        return headers

    def _with(self, headers: tuple[Header, ...]) -> Message:
        return Message(headers, self.separator, self.body)


def parse_message(data: bytes) -> Message:
    """The headers and the body of a message.  Never raises; `parse_message(d).to_bytes() == d` for every d."""
    headers: list[Header] = []
    position, match = 0, LOGICAL_HEADER.match
    while found := match(data, position):
        headers.append(Header(found[0]))
        position = found.end()
    if data.startswith(b"\n", position):
        separator = b"\n"
    elif data.startswith(b"\r\n", position):
        separator = b"\r\n"
    else:
        separator = b""
    return Message(tuple(headers), separator, data[position + len(separator) :])


def header_line(name: str, text: str) -> bytes:
    """`name: text` as one raw line.  Line ends in the text become blanks, so no text can smuggle in a second header."""
    one_line = " ".join(text.split("\n")).replace("\r", " ")
    return f"{name}: {one_line}\n".encode("utf-8", "surrogateescape")
