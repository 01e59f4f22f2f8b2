"""plain - recognise, at a glance, a message that cleanup(8) would leave exactly as it is.

Most mail is like that where no check is configured; the long way round would only confirm it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Well-formed headers, continuation lines, the empty line.  A name with a blank before its colon is not plain.
_HEAD = re.compile(rb"(?:[!-9;-~]+:.*\n(?:[ \t].*\n)*)+(?=\n)")
_NEEDED = (b"\nmessage-id:", b"\ndate:", b"\nfrom:")  # what is added for local clients where it is missing


_ADDRESSES = re.compile(
    rb"\n(?:from|sender|reply-to|to|cc|apparently-to|errors-to|return-receipt-to|disposition-notification-to"
    rb"|mail-followup-to)[ \t]*:(.*(?:\n[ \t].*)*)"
)
_WHOLE = re.compile(rb"(?:[^<>@]*<)?[a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+>?")


def _is_whole(value: bytes) -> bool:
    """Are all its addresses as trivial-rewrite(8) would have them?  At a glance: an odd one may be, too."""
    return all(_WHOLE.fullmatch(one.strip()) for one in value.split(b","))


class Plain:
    """What makes a message special under these settings."""

    def __init__(self, dropped: Iterable[str], size_limit: int, line_limit: int, hopcount_limit: int) -> None:
        self._special = (b"\nresent-", *(b"\n%b:" % name.lower().encode() for name in dropped))
        self._longest, self._hops = min(size_limit, line_limit - 1), hopcount_limit

    def message_id(self, data: bytes, *, complete: bool, local: bool = False) -> str | None:
        """The Message-Id of a plain message ("<>" for none); None: it is not plain, and must go the long way.

        `complete`: nothing that is added for local clients may be missing.  `local`: nor from any address in a header.
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
        if local and not all(map(_is_whole, _ADDRESSES.findall(lines))):
            return None
        at = lines.find(b"\nmessage-id:")
        if at < 0:
            return "<>"
        start = at + len(b"message-id:")  # in `head`, which has one byte less before it
        if lines.find(b"\nmessage-id:", start) >= 0:
            return None
        return head[0][start : lines.index(b"\n", start + 1) - 1].lstrip(b" \t").decode("utf-8", "surrogateescape")
