"""data - message content and its wire form: line ends, dot-stuffing, end of data (RFC 5321 4.5.2).

Inside the gateway content has LF line ends; a CR that does not belong to a line end is data.  On the wire every line
ends in CRLF and a leading dot is doubled.  What a *received* line end is follows Postfix 3.7.11 (smtp_stream.c):
a line ends at LF.  Without policing all CRs before that LF go; with smtpd_forbid_bare_newline one CR goes, and
a LF without it is a bare newline.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LINE_LENGTH_LIMIT = 2048
"""line_length_limit: a longer line is read in pieces of this many bytes, each a record of its own."""

_CRS_BEFORE_LF = re.compile(rb"\r+\n")
_LONE_DOT = re.compile(rb"^\.\n", re.MULTILINE)
_ODD_STARTS = (b"F", b">", b" ", b"\t")
_MAILBOX_LINE = re.compile(rb">*From ")


class Content(NamedTuple):
    """Received lines: LF line ends, `size_bytes` as smtpd counts them, and whether any LF had no CR before it."""

    data: bytes
    size_bytes: int
    bare_newline: bool


def read_content(wire: bytes, *, police: bool = False, stuffed: bool = True) -> Content:
    """The content that these wire bytes carry, without their end-of-data line.

    `police`: strip one CR per line end, not all of them (smtpd_forbid_bare_newline is on).  `stuffed`: one leading
    dot per line is taken away (DATA, not BDAT, and only where there is any).  The bytes begin at a line start; a last
    line may lack its end.
    """
    data = wire.replace(b"\r\n", b"\n")
    ends = data.count(b"\n")
    bare = ends != len(wire) - len(data)
    if not police and b"\r" in data:
        data = _CRS_BEFORE_LF.sub(b"\n", data)
    if stuffed:
        if police and b".\n" in data:
            data, gone = _LONE_DOT.subn(b"", data)  # it ended nothing, and data_cmd() passes it by
            ends -= gone
        if data[:1] == b".":
            data = data[1:]
        if b"\n." in data:
            data = data.replace(b"\n.", b"\n")
    return Content(data, size_of(data, ends), bare)


def size_of(data: bytes, ends: int | None = None) -> int:
    """Size in bytes as smtpd counts it: each line, and each piece of an overlong one, is its length plus 2.

    `ends`: how many LFs there are, where the caller knows already.
    """
    size = len(data) + (data.count(b"\n") if ends is None else ends)
    if data and data[-1] != 10:
        size += 2
    return size + 2 * _breaks(data) if len(data) >= LINE_LENGTH_LIMIT else size


def within(data: bytes, limit: int) -> bytes:
    """The lines of a content that is too big which smtpd passes on: those that take no more than `limit` (size_of)."""
    size = at = 0
    while at < len(data):
        end = data.find(b"\n", at, at + LINE_LENGTH_LIMIT) + 1 or min(at + LINE_LENGTH_LIMIT, len(data))
        size += end - at + (1 if data[end - 1] == 10 else 2)
        if size > limit:
            break
        at = end
    return data[:at]


def mend_start(data: bytes) -> bytes:
    """What smtpd does to the first line: mailbox `From ` lines become headers, an indented line gets a blank before it.

    Source: data_cmd() in smtpd.c; what comes in chunks (BDAT) is left as it is.
    """
    head = data[:1]
    if head not in _ODD_STARTS:
        return data
    hidden = b""
    while _MAILBOX_LINE.match(data):
        line, end, data = data.partition(b"\n")
        hidden += b"X-Mailbox-Line: " + line + end
    return hidden + (b"\n" if data[:1] in (b" ", b"\t") else b"") + data


def break_lines(data: bytes, limit: int) -> bytes:
    """LF content with every longer line broken by LF and a blank, as smtp(8) does; 0 is no limit.

    Source: smtp_text_out() in smtp_proto.c.
    """
    pieces, begun, at, end = [], 0, 0, len(data)
    while limit and end - at > limit:
        lf = data.rfind(b"\n", at, at + limit + 1)  # hop from line end to line end, as far as they reach
        if lf < 0:
            stop = data.find(b"\n", at)
            stop = end if stop < 0 else stop
            room = limit
            while stop - at > room:
                pieces.append(data[begun : at + room])
                begun, at, room = at + room, at + room, limit - 1
            lf = stop
        at = lf + 1
    return b"\n ".join((*pieces, data[begun:])) if pieces else data


def dot_stuff(data: bytes) -> bytes:
    """CRLF content with a dot put before every line that starts with one; nothing else is changed."""
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data[:1] == b"." else data


def to_wire(data: bytes) -> bytes:
    """LF content as DATA wants it: CRLF line ends, dot-stuffed, and the end-of-data line behind it."""
    return finish(data.replace(b"\n", b"\r\n"))


def finish(data: bytes) -> bytes:
    """CRLF content, dot-stuffed, with the end-of-data line; a last line without CRLF gets one first."""
    end = b".\r\n" if not data or data.endswith(b"\r\n") else b"\r\n.\r\n"
    return dot_stuff(data) + end


def to_crlf(data: bytes) -> bytes:
    """Content with any line ends, all of them made CRLF; a CR elsewhere stays."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _breaks(data: bytes) -> int:
    """How many times a line of this content has to be broken: hop from line end to line end, as far as they reach."""
    breaks, at, end = 0, 0, len(data)
    while end - at >= LINE_LENGTH_LIMIT:
        lf = data.rfind(b"\n", at, at + LINE_LENGTH_LIMIT)  # a piece holds its line end, if it has one
        if lf < 0:
            breaks += 1
            at += LINE_LENGTH_LIMIT
        else:
            at = lf + 1
    return breaks
