"""plain - recognise, at a glance, a message that cleanup(8) would leave exactly as it is.

Most mail is like that where no check is configured; the long way round would only confirm it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

# Well-formed headers, continuation lines, the empty line.  A name with a blank before its colon is not plain.
_HEAD = re.compile(rb"(?:[!-9;-~]+:.*\n(?:[ \t].*\n)*)+(?=\n)")
_NEEDED = (b"\nmessage-id:", b"\ndate:", b"\nfrom:")  # what is added for local clients where it is missing

# Headers of addresses; a message that is resent is not plain, nor one with a header that is dropped (Bcc, as a rule).
_SENDERS = (
    b"from", b"sender", b"reply-to", b"errors-to", b"return-receipt-to", b"disposition-notification-to",
    b"mail-followup-to",
)  # fmt: skip
_ADDRESSES = (
    *((b"\n%b:" % name, "header_sender") for name in _SENDERS),
    *((b"\n%b:" % name, "header_recipient") for name in (b"to", b"cc", b"bcc", b"apparently-to")),
)


class Plain:
    """What makes a message special under these settings."""

    def __init__(self, dropped: Iterable[str], size_limit: int, line_limit: int, hopcount_limit: int) -> None:
        self._special = (b"\nresent-", *(b"\n%b:" % name.lower().encode() for name in dropped))
        self._longest, self._hops = min(size_limit, line_limit - 1), hopcount_limit

    def readdressed(self, data: bytes, readdress: Callable[[str, bytes], bytes]) -> bytes:
        """The message, if it is plain, as `readdress` has its headers of addresses: (class, header) -> header."""
        found = _HEAD.match(data)
        if found is None or b"\0" in found[0]:
            return data
        head = found[0]
        lines, places = b"\n" + head.lower(), []  # as in `message_id`
        for name, whose in _ADDRESSES:
            at = lines.find(name)
            while at >= 0:
                places.append((at, whose))
                at = lines.find(name, at + 1)
        for at, whose in sorted(places, reverse=True):
            end = head.index(b"\n", at)
            while head[end + 1 : end + 2] in (b" ", b"\t"):
                end = head.index(b"\n", end + 1)
            old = head[at:end]
            if (new := readdress(whose, old)) != old:
                head = head[:at] + new + head[end:]
        return data if head == found[0] else head + data[found.end() :]

    def message_id(self, data: bytes, *, complete: bool) -> str | None:
        """The Message-Id of a plain message ("<>" for none); None: it is not plain, and must go the long way.

        `complete`: nothing that is added for local clients may be missing.
        """
        head = _HEAD.match(data)
        if head is None or head.end() > self._longest:
            return None
        lines = b"\n" + head[0].lower()  # one search for each name is cheaper than finding all names
        if b"\0" in lines or lines.count(b"\nreceived:") >= self._hops:
            return None
        for name in self._special:
            if name in lines:
                return None
        if complete:
            for name in _NEEDED:
                if name not in lines:
                    return None
            if b"\nto:" not in lines and b"\ncc:" not in lines:
                return None
        at = lines.find(b"\nmessage-id:")
        if at < 0:
            return "<>"
        start = at + len(b"message-id:")  # in `head`, which has one byte less before it
        if lines.find(b"\nmessage-id:", start) >= 0:
            return None
        return head[0][start : lines.index(b"\n", start + 1) - 1].lstrip(b" \t").decode("utf-8", "surrogateescape")
