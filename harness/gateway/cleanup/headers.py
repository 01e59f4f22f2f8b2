"""headers - the headers that cleanup(8) knows, and how a logical header is put together from input records.

Source: header_opts.c, is_header.c, mime_state.c of Postfix 3.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.gateway.message import LOGICAL_HEADER

_LABEL = re.compile(rb"[!-9;-~]+[ \t]*:")


@dataclass(frozen=True, slots=True)
class KnownHeader:
    """What cleanup(8) does with a header of this name."""

    name: str
    mime: bool = False  # goes to mime_header_checks wherever it stands
    resent: bool = False  # makes the message a resent one
    drop: bool = False  # message_drop_headers
    addresses: str = ""  # whose it holds: header_sender, header_recipient (canonical_classes)


_MIME = ("Content-Description", "Content-Disposition", "Content-ID", "Content-Transfer-Encoding", "Content-Type")
_PLAIN = (
    *("Apparently-To", "Bcc", "Cc", "Content-Length", "Date", "Delivered-To", "Disposition-Notification-To"),
    *("Errors-To", "From", "Mail-Followup-To", "Message-Id", "Received", "Reply-To", "Return-Path"),
    *("Return-Receipt-To", "Sender", "To"),
)
_OF_SENDERS = frozenset({
    "Disposition-Notification-To", "Errors-To", "From", "Mail-Followup-To", "Reply-To", "Resent-From", "Resent-Sender",
    "Return-Receipt-To", "Sender",
})  # fmt: skip
_OF_RECIPIENTS = frozenset(
    {"Apparently-To", "Bcc", "Cc", "Resent-Bcc", "Resent-Cc", "Resent-Reply-To", "Resent-To", "To"}
)
_RESENT = tuple(f"Resent-{name}" for name in ("Bcc", "Cc", "Date", "From", "Message-Id", "Reply-To", "Sender", "To"))


def known_headers(dropped: Iterable[str]) -> dict[bytes, KnownHeader]:
    """The known headers by name in lower case; `dropped` are the names of message_drop_headers."""
    drop = {name.lower() for name in dropped}
    known = dict.fromkeys((*_PLAIN, *drop), (False, False))
    known |= dict.fromkeys((*_MIME, "MIME-Version"), (True, False))
    known |= dict.fromkeys(_RESENT, (False, True))
    # Names that Postfix has a spelling for come last, so that it wins over the one in message_drop_headers.
    ordered = sorted(known.items(), key=lambda item: item[0] != item[0].lower())
    return {
        name.lower().encode(): KnownHeader(name, mime, resent, name.lower() in drop, _whose(name))
        for name, (mime, resent) in ordered
    }


def _whose(name: str) -> str:
    return "header_sender" if name in _OF_SENDERS else "header_recipient" if name in _OF_RECIPIENTS else ""


def is_header(text: bytes) -> bool:
    """True for text that begins with a header name, perhaps blanks, and a colon (is_header.c)."""
    return _LABEL.match(text) is not None


def cut_header(header: bytes, limit: int) -> bytes:
    """The header as it is written: of one over the limit, what ends with a line in the last tenth, else just `limit`.

    Seen with 3.7.11 (header_size_limit); the checks have seen the whole of it.
    """
    if len(header) <= limit:
        return header
    line_end = header.rfind(b"\n", limit * 9 // 10, limit)
    return header[: limit if line_end < 0 else line_end]


class HeaderReader:
    """Takes logical headers out of message data, within header_size_limit and line_length_limit."""

    def __init__(self, size_limit: int, line_limit: int) -> None:
        self.size_limit, self.line_limit = size_limit, line_limit
        self._easy = min(size_limit, line_limit - 1)

    def read(self, data: bytes, position: int) -> tuple[bytes, bytes, int] | None:
        """The logical header at this record: (name, header without its last line end, offset behind it), or None.

        `name :` becomes `name:`.  A continuation line is appended, whole, only while the header is shorter than
        size_limit; the rest is dropped without a word, as is what follows a NUL in a line.  `cut_header` comes later.
        """
        match = LOGICAL_HEADER.match(data, position)
        if match is None:
            return None
        colon, end = match.start(2), match.end()
        name = match[1]
        header = data[position : end - 1] if data[end - 1] == 10 else data[position:end]
        if len(header) > self._easy or b"\0" in header:
            # The records that arrive are pieces of at most line_limit bytes: a name must fit into the first.
            if colon - position >= self.line_limit:
                return None
            header = self._limited(name + header[colon - position :])
        elif colon - position != len(name):
            header = name + header[colon - position :]
        return name, header, end

    def _limited(self, header: bytes) -> bytes:
        """The header as it grows record by record."""
        kept = bytearray()
        for number, line in enumerate(header.split(b"\n")):
            for start in range(0, len(line) + 1, self.line_limit):
                if (number or start) and len(kept) >= self.size_limit:
                    continue
                if number and not start:
                    kept += b"\n"
                kept += line[start : start + self.line_limit].partition(b"\0")[0]
        return bytes(kept)
