"""mime_state - which line of a message is what: the state machine of Postfix's mime_state(3), over whole data.

It decides which check sees a line, and it is not a MIME parser: boundaries match as prefixes, unknown types change
nothing, and bad input is passed through.  Content nobody wants to see line by line is passed on in one piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol

from harness.gateway.cleanup.headers import HeaderReader, KnownHeader
from harness.gateway.cleanup.tokens import clauses, first_token

HeaderClass = Literal["header", "mime", "nested"]


class MimeError(Enum):
    """What may be wrong with a message, gravest first: only one is reported to the client."""

    NESTING = "MIME nesting exceeds safety limit"
    HEADER_8BIT = "improper use of 8-bit data in message header"
    BODY_8BIT = "improper use of 8-bit data in message body"
    ENCODING_DOMAIN = "invalid message/* or multipart/* encoding domain"


class Sink(Protocol):
    """Takes what the machine finds.  After `stopped` it finds nothing more."""

    stopped: bool

    def header(self, kind: HeaderClass, header: bytes, known: KnownHeader | None) -> None:
        """A logical header, its lines joined by LF."""

    def headers_done(self) -> None:
        """The primary headers are over."""

    def wants_records(self, offset: int) -> bool:
        """Whether content at this offset of its segment is to come record by record."""

    def record(self, text: bytes, whole: bool, offset: int) -> None:
        """A record of content; `whole`: a line ends here."""

    def content(self, data: bytes) -> None:
        """Content that nobody asked to see by the record."""

    def mime_error(self, error: MimeError, text: bytes) -> None:
        """The first error of its kind, and the text that has it."""


@dataclass(frozen=True, slots=True)
class MimeRules:
    """Settings of the machine."""

    reader: HeaderReader
    known: dict[bytes, KnownHeader]
    line_limit: int = 2048
    nesting_limit: int = 100
    boundary_limit: int = 2048
    mime: bool = True  # disable_mime_input_processing = no
    reported: frozenset[MimeError] = frozenset()


# Content-Transfer-Encoding -> the domain that it encodes into (RFC 2045 6.2).
_DOMAINS = {b"7bit": b"7bit", b"8bit": b"8bit", b"binary": b"binary", b"base64": b"7bit", b"quoted-printable": b"7bit"}


class MimeState:
    """One run over one message.  `errors` holds what was reported."""

    def __init__(self, rules: MimeRules, sink: Sink) -> None:
        self.rules, self.sink = rules, sink
        self.errors: set[MimeError] = set()
        self._stack: list[tuple[bytes, str, str]] = []  # boundary, default type and subtype of its parts
        self._offset = 0  # in the current segment of content
        self._set("text", "plain")

    def run(self, data: bytes) -> None:
        """Tell the sink about all of `data`, whose lines end with LF (the last one must, too)."""
        assert not data or data.endswith(b"\n"), "a record without its line end"
        state: HeaderClass | None = "header"
        position = 0
        while state is not None and not self.sink.stopped:
            position = self._headers(state, data, position)
            if self.sink.stopped:
                return
            if state == "header":
                self.sink.headers_done()
            self._check_domain()
            state, position = self._after_headers(state, data, position)
            if state is None and not self.sink.stopped:
                state, position = self._content(data, position)

    def _set(self, ctype: str, subtype: str) -> None:
        self._ctype, self._subtype = ctype, subtype
        self._encoding = self._domain = b"7bit"

    def _headers(self, state: HeaderClass, data: bytes, position: int) -> int:
        """A block of headers; gives the offset of the first record that is none."""
        rules, sink = self.rules, self.sink
        read, known_headers = rules.reader.read, rules.known
        check_8bit = MimeError.HEADER_8BIT in rules.reported
        while found := read(data, position):
            name, header, position = found
            known = known_headers.get(name.lower())
            if known is not None and known.mime and rules.mime:
                if known.name == "Content-Type":
                    self._content_type(header[len(name) + 1 :], header)
                elif known.name == "Content-Transfer-Encoding":
                    self._transfer_encoding(header[len(name) + 1 :])
            if check_8bit and not header.isascii():
                self._report(MimeError.HEADER_8BIT, header)
            sink.header(state, header, known)
            if sink.stopped:
                break
        return position

    def _content_type(self, value: bytes, header: bytes) -> None:
        parts = clauses(value)
        first = next(parts, [])
        subtype = first[2] if len(first) > 2 and first[1].kind == "/" else None
        if not first:
            self._ctype = "other"
        elif first[0].is_word(b"text"):
            self._ctype, self._subtype = "text", "plain" if subtype and subtype.is_word(b"plain") else "other"
        elif first[0].is_word(b"message"):
            self._ctype, self._subtype = "message", "other"
            for known in (b"rfc822", b"partial", b"external-body"):
                if subtype and subtype.is_word(known):
                    self._subtype = known.decode()
        elif first[0].is_word(b"multipart"):
            self._ctype = "multipart"
            digest = subtype is not None and subtype.is_word(b"digest")
            default = ("message", "rfc822") if digest else ("text", "plain")
            # Several boundaries are not legal: all are looked for, so that none can hide a part.
            for clause in parts:
                if len(clause) > 2 and clause[0].is_word(b"boundary") and clause[1].kind == "=":
                    if len(self._stack) > self.rules.nesting_limit:
                        self._report(MimeError.NESTING, header)
                    else:
                        self._stack.append((clause[2].value[: self.rules.boundary_limit], *default))
        # Any other type leaves the default in force, as in Postfix.

    def _transfer_encoding(self, value: bytes) -> None:
        token = first_token(value)
        if token is not None and token.kind == "token" and (domain := _DOMAINS.get(token.value.lower())):
            self._encoding, self._domain = token.value.lower(), domain

    def _check_domain(self) -> None:
        """message/* and multipart/* must not be encoded (RFC 2045 6.4); message/partial and relatives must be 7bit."""
        if self._ctype == "message" and self._subtype in ("partial", "external-body"):
            wrong = self._domain != b"7bit"
        elif self._ctype == "multipart" or (self._ctype == "message" and self._subtype == "rfc822"):
            wrong = self._encoding != self._domain
        else:
            return
        if wrong:
            self._report(MimeError.ENCODING_DOMAIN, self._encoding)

    def _after_headers(self, state: HeaderClass, data: bytes, position: int) -> tuple[HeaderClass | None, int]:
        """What the record that ended a header block begins: content (None), or the headers of a nested message."""
        self._offset = 0
        if position >= len(data):
            return None, position
        if data[position] != 10:
            # No header and no empty line: content begins here.  Only primary headers get the empty line they lack.
            if state == "header":
                self._emit(b"", True)
                self._offset = 0
            return None, position
        if self._ctype == "message" and self._subtype == "rfc822":
            self._set("text", "plain")
            self._emit(b"", True)
            return "nested", position + 1
        if self._ctype == "multipart":
            self._set("other", "other")
        return None, position

    def _content(self, data: bytes, position: int) -> tuple[HeaderClass | None, int]:
        """Content up to the next boundary that begins a part ("mime"), or to the end (None)."""
        continued, end = False, len(data)
        while position < end and not self.sink.stopped:
            start = position
            if self.sink.wants_records(self._offset):
                place = start
                text, position = self._record_at(data, start)
                frame = None if continued else self._boundary(text)
            else:
                frame, place, text, position = self._skim(data, start, continued)
            continued = data[position - 1] != 10
            self._check_8bit_body(data, start, position)
            opens = False
            if place > start:
                self.sink.content(data[start:place])
                self._offset += place - start
            if frame is not None:
                opens = not text.startswith(b"--", 2 + len(self._stack[frame][0]))
                self._cross(frame, opens)
            if position > place:
                self._emit(text, not continued)
            if opens:
                return "mime", position
        return None, position

    def _record_at(self, data: bytes, position: int) -> tuple[bytes, int]:
        """The record here: a line without its line end, or line_limit bytes of a longer one; and the offset behind."""
        line_end = data.index(b"\n", position)
        if line_end - position >= self.rules.line_limit:
            return data[position : position + self.rules.line_limit], position + self.rules.line_limit
        return data[position:line_end], line_end + 1

    def _skim(self, data: bytes, position: int, continued: bool) -> tuple[int | None, int, bytes, int]:
        """The next boundary record: (place in the stack or None, its offset, the record, offset behind it)."""
        if self._stack:
            if continued:
                position = data.index(b"\n", position) + 1
            while position < len(data):
                if not data.startswith(b"--", position):
                    position = data.find(b"\n--", position) + 1
                    if not position:
                        break
                text, behind = self._record_at(data, position)
                frame = self._boundary(text)
                if frame is not None:
                    return frame, position, text, behind
                position = data.index(b"\n", position) + 1
        return None, len(data), b"", len(data)

    def _boundary(self, text: bytes) -> int | None:
        """The place in the stack of the innermost boundary that this record begins with, after its two dashes."""
        if len(text) > 2 and text.startswith(b"--"):
            for place in range(len(self._stack) - 1, -1, -1):
                if text.startswith(self._stack[place][0], 2):
                    return place
        return None

    def _cross(self, frame: int, opens: bool) -> None:
        """A boundary was met: parts inside it are over, and it begins a part or ends its multipart."""
        del self._stack[frame + 1 :]
        if opens:
            self._set(*self._stack[frame][1:])
        else:
            self._stack.pop()
            self._set("other", "other")
            self._offset = 0

    def _check_8bit_body(self, data: bytes, start: int, end: int) -> None:
        if MimeError.BODY_8BIT not in self.rules.reported or MimeError.BODY_8BIT in self.errors:
            return
        if self._encoding != b"7bit" or data[start:end].isascii():
            return
        while True:
            text, start = self._record_at(data, start)
            if not text.isascii():
                self._report(MimeError.BODY_8BIT, text)
                return

    def _emit(self, text: bytes, whole: bool) -> None:
        if self.sink.wants_records(self._offset):
            self.sink.record(text, whole, self._offset)
        else:
            self.sink.content(text + b"\n" if whole else text)
        self._offset += len(text) + 1

    def _report(self, error: MimeError, text: bytes) -> None:
        if error in self.rules.reported and error not in self.errors:
            self.errors.add(error)
            self.sink.mime_error(error, text)
