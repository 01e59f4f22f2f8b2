"""server - the server side of an SMTP connection as a state machine: bytes in, events out; no sockets.

    connection = ServerConnection(bare_newline="normalize")
    connection.receive(data)                      # b"" says that the peer closed its side
    while (event := connection.next_event()) is not None: ...

Bytes are command lines until the caller says what the next ones are: `expect_data` after its 354, `expect_chunk`
after a BDAT command, `expect_proxy` before the greeting.  Line discipline is that of Postfix 3.7.11 (smtp_stream.c,
data_cmd() and bdat_cmd() in smtpd.c).  Any bytes, in any split, make the same events, and nothing raises.
"""

from __future__ import annotations

import re
from typing import Literal

from harness.smtp.data import LINE_LENGTH_LIMIT, mend_start, read_content, within
from harness.smtp.events import (
    BareNewline,
    ChunkReceived,
    Closed,
    CommandReceived,
    DataReceived,
    Event,
    LineTooLong,
    ProxyMalformed,
    ProxyReceived,
)
from harness.smtp.proxy import Header, Malformed, parse

BareNewlinePolicy = Literal["no", "normalize", "reject"]

_WAITING = 100  # bytes of what waits behind a command, for the log
_DIGEST = 1 << 20  # content is read in blocks of about so many bytes, so that an endless message cannot fill memory
# Without policing a dot, any CRs and LF end the data; a line of more CRs than fit is a continuation.
_LAX_END = re.compile(rb"\.\r{0,%d}\n" % (LINE_LENGTH_LIMIT - 1))
_LAX_PARTIAL = re.compile(rb"\.\r{0,%d}\Z" % (LINE_LENGTH_LIMIT - 1))


class ServerConnection:
    """What one client sends, as events.

    `bare_newline` is smtpd_forbid_bare_newline and may be changed between events, as XCLIENT changes who the client is.
    """

    __slots__ = (
        "_at", "_buffer", "_chunk", "_closed", "_content", "_digest_at", "_dots", "_last", "_last_byte", "_left",
        "_limit", "_long", "_mode", "_parts", "_raw", "_saw_bare", "_size", "_started", "_too_big", "bare_newline",
        "line_length_limit",
    )  # fmt: skip

    def __init__(self, *, bare_newline: BareNewlinePolicy = "no", line_length_limit: int = LINE_LENGTH_LIMIT) -> None:
        self.bare_newline: BareNewlinePolicy = bare_newline
        self.line_length_limit = line_length_limit
        self._buffer = b""
        self._at = 0  # everything before this place in the buffer is dealt with
        self._closed = False
        self._mode: Literal["command", "data", "chunk", "proxy"] = "command"
        self._long: bytes | None = None  # the start of an overlong command line whose end has not come yet
        self._limit = self._chunk = self._left = 0
        self._last = self._started = False
        self.forget_message()

    def receive(self, data: bytes) -> None:
        """Take bytes off the wire; b"" when the peer has closed its side."""
        if not data:
            self._closed = True
        elif self._at == len(self._buffer):
            self._buffer, self._at = data, 0
        else:
            self._buffer, self._at = self._buffer[self._at :] + data, 0

    @property
    def pending(self) -> bool:
        """Are there bytes that no event has told of yet?"""
        return self._at < len(self._buffer)

    @property
    def buffered(self) -> int:
        """How many bytes these are."""
        return len(self._buffer) - self._at

    @property
    def waiting(self) -> bytes:
        """Up to 100 of those bytes, for the log."""
        return self._buffer[self._at : self._at + _WAITING]

    def take_remaining(self) -> bytes:
        """Hand over what was not read yet, and forget it: before TLS, where pipelined plain text must not survive."""
        rest, self._buffer, self._at = self._buffer[self._at :], b"", 0
        return rest

    def expect_data(self, size_limit: int = 0) -> None:
        """The next bytes are message content, up to the end-of-data line.  `size_limit` in bytes, 0 for none."""
        self.forget_message()
        self._mode, self._limit, self._started = "data", size_limit, False

    def hand_over(self, content: bytes) -> DataReceived | None:
        """The event that this content (not dot-stuffed) would make, came it as DATA now; no end of data is searched.

        None where the way it is written would matter: line ends that are not CRLF, or more than a block of it.
        """
        if len(content) >= _DIGEST or (content and content[-2:] != b"\r\n"):
            return None
        read = read_content(content, police=True, stuffed=False)  # a CR more than one stays, and is seen
        if read.bare_newline or b"\r" in read.data:
            return None
        too_big = 0 < self._limit < read.size_bytes
        self.forget_message()
        self._mode = "command"
        data = within(read.data, self._limit) if too_big else read.data
        return DataReceived(mend_start(data), read.size_bytes, too_big)

    @property
    def in_content(self) -> bool:
        """Is content expected, behind DATA?"""
        return self._mode == "data"

    @property
    def heard(self) -> int:
        """How many bytes of it came."""
        return self._raw + len(self._buffer) - self._at

    @property
    def counted(self) -> int:
        """How large the message is so far, by its whole lines, as smtpd counts them."""
        return self._size

    def expect_chunk(self, length: int, last: bool = False, size_limit: int = 0, *, unwanted: bool = False) -> None:
        """The next `length` bytes are a BDAT chunk; the `last` one completes the message.  `unwanted`: drop them."""
        self._mode, self._limit, self._last = "chunk", size_limit, last
        self._chunk = self._left = length
        if unwanted or (size_limit and length > size_limit - self._size):
            self._drop()

    def expect_proxy(self) -> None:
        """The next bytes are a PROXY header, v1 or v2."""
        self._mode = "proxy"

    def forget_message(self) -> None:
        """Drop content and chunks received so far: the transaction was reset."""
        self._parts: list[bytes] = []  # wire bytes of whole or partial lines, not read yet
        self._raw = 0  # how many bytes of content came in all
        self._content: list[bytes] = []  # read
        self._size, self._digest_at = 0, _DIGEST
        self._too_big = self._saw_bare = False
        self._dots = False  # some line begins with a dot
        self._last_byte = b""  # of a chunk that ended in the middle of a CRLF

    def next_event(self) -> Event | None:
        """What the peer did next; None: more bytes are needed.  After Closed there is nothing more."""
        if self._mode == "command":
            event = self._next_command() if self._at < len(self._buffer) else None
        elif self._mode == "data":
            event = self._next_data()
        elif self._mode == "chunk":
            event = self._next_chunk()
        else:
            event = self._next_proxy()
        if event is None and self._closed:
            self._buffer, self._at = b"", 0  # half a line is no line: smtp_get() gives up at end of file
            return Closed()
        return event

    # Commands

    def _next_command(self) -> Event | None:
        buffer, at = self._buffer, self._at
        end = buffer.find(b"\n", at)
        limit = self.line_length_limit
        if end < 0:
            if self._long is not None or len(buffer) - at > limit:
                self._long = self._long or buffer[at : at + limit]
                self._at = len(buffer)
            return None
        self._at = end + 1
        if self._long is not None or end - at >= limit:
            long, self._long = self._long, None
            if long is None and end - at >= limit + (buffer[end - 1] == 13):
                long = buffer[at : at + limit]  # the limit counts the line end, except an LF right behind a CR
            if long is not None:
                return LineTooLong(long)
        line = buffer[at:end]
        bare = not line.endswith(b"\r")
        if not bare:
            # Policed, one CR belongs to the line end; otherwise Postfix takes all of them.
            line = line[:-1] if self.bare_newline != "no" else line.rstrip(b"\r")
        elif self.bare_newline == "reject":
            return BareNewline()
        if end + 1 == len(buffer):
            return CommandReceived(line, False, b"", bare)
        return CommandReceived(line, True, self.waiting, bare)

    # DATA

    def _next_data(self) -> Event | None:
        buffer, at = self._buffer, self._at
        if at == len(buffer):
            return None
        stop, resume, keep = (self._lax_end if self.bare_newline == "no" else self._strict_end)(buffer, at)
        if stop < 0:
            if keep > at:
                self._add(buffer[at:keep])
                self._at, self._started = keep, True
            return None
        self._at = resume
        bare = buffer[resume - 2] != 13  # the end-of-data line itself
        if not self._started:  # all of it at once, as most mail comes: nothing was put away
            content = read_content(buffer[at:stop], police=self.bare_newline != "no", stuffed=self._dots)
            too_big = 0 < self._limit < content.size_bytes
            data = mend_start(within(content.data, self._limit) if too_big else content.data)
            self._mode, self._dots = "command", False
            bare |= content.bare_newline
            if resume == len(buffer):
                return DataReceived(data, content.size_bytes, too_big, bare)
            return DataReceived(data, content.size_bytes, too_big, bare, True, self.waiting)
        if stop > at:
            self._add(buffer[at:stop])
        self._saw_bare |= bare
        return self._whole_message(stuffed=True)

    def _strict_end(self, buffer: bytes, at: int) -> tuple[int, int, int]:
        """(where content stops, where commands go on, how far bytes may be put away where there is no end yet)."""
        if not self._started and buffer[at] == 46:
            if buffer.startswith(b".\r\n", at):
                return at, at + 3, at
            self._dots = True
        found = buffer.find(b"\n.", at)  # the first dot at the start of a line is the end, as a rule
        if found < 0:
            return -1, -1, len(buffer) - 4  # an end may be half here
        if found == at or buffer[found - 1 : found + 4] != b"\r\n.\r\n":
            self._dots = True
            found = buffer.find(b"\r\n.\r\n", at) + 1
            if not found:
                return -1, -1, len(buffer) - 4
        return found + 1, found + 4, at

    def _lax_end(self, buffer: bytes, at: int) -> tuple[int, int, int]:
        """The same, where \\n.\\n and any number of CRs before either LF end the data, too."""
        if not self._started and buffer[at] == 46:
            if match := _LAX_END.match(buffer, at):
                return at, match.end(), at
            if _LAX_PARTIAL.match(buffer, at):
                return -1, -1, at
            self._dots = True
        found = buffer.find(b"\n.", at)
        while found >= 0:
            if match := _LAX_END.match(buffer, found + 1):
                return found + 1, match.end(), at
            if _LAX_PARTIAL.match(buffer, found + 1):
                return -1, -1, found
            self._dots = True
            found = buffer.find(b"\n.", found + 2)
        return -1, -1, len(buffer) - (buffer[-1] == 10)

    # BDAT

    def _next_chunk(self) -> Event | None:
        taken = self._buffer[self._at : self._at + self._left]
        self._at += len(taken)
        self._left -= len(taken)
        if taken:
            self._raw += len(taken)
            if self.bare_newline == "reject" and not self._saw_bare:
                self._saw_bare = b"\n" in (self._last_byte + taken).replace(b"\r\n", b"")
                self._last_byte = taken[-1:] if taken[-1] == 13 else b""
            if not self._too_big:
                self._parts.append(taken)
        if self._left:
            return None
        self._mode = "command"
        if self._last:
            return self._whole_message(stuffed=False)
        self._digest(stuffed=False)
        return ChunkReceived(self._chunk, self._too_big, self._saw_bare and self.bare_newline == "reject")

    # PROXY

    def _next_proxy(self) -> Event | None:
        match parse(self._buffer[self._at :]):
            case Header(source, destination, length):
                self._at += length
                self._mode = "command"
                return ProxyReceived(source, destination)
            case Malformed(why):
                self._mode = "command"
                return ProxyMalformed(why)
        return None

    # Content

    def _add(self, wire: bytes) -> None:
        self._raw += len(wire)
        if self._too_big and self.bare_newline != "reject":
            return
        self._parts.append(wire)
        if self._raw >= self._digest_at:
            self._digest(stuffed=True)

    def _digest(self, *, stuffed: bool, final: bool = False) -> None:
        """Read the whole lines among the bytes put away: `final` takes the last, unfinished line as well."""
        wire = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        end = len(wire) if final else wire.rfind(b"\n") + 1
        content = read_content(wire[:end], police=self.bare_newline != "no", stuffed=stuffed and self._dots)
        self._saw_bare |= content.bare_newline
        self._size += content.size_bytes
        self._parts = [wire[end:]]
        self._digest_at = self._raw + _DIGEST
        if self._limit and max(self._size, len(wire) - end - LINE_LENGTH_LIMIT) > self._limit:
            if not self._too_big:
                self._content.append(content.data)
            self._drop()
        elif not self._too_big:
            self._content.append(content.data)

    def _drop(self) -> None:
        """Too big: nothing more is kept, only counted; what came within the limit has gone to cleanup by then."""
        if not self._too_big:
            self._content = [within(b"".join(self._content), self._limit)]
        self._too_big, self._parts = True, []

    def _whole_message(self, *, stuffed: bool) -> Event:
        self._digest(stuffed=stuffed, final=True)
        data = self._content[0] if len(self._content) == 1 else b"".join(self._content)
        size, too_big, bare = self._size, self._too_big, self._saw_bare
        self.forget_message()
        self._mode = "command"
        data = mend_start(data) if stuffed else data  # bdat_cmd() in smtpd.c leaves it as it is
        return DataReceived(data, size, too_big, bare, self.pending, self.waiting)
