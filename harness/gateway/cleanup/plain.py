"""plain - recognise, at a glance, a message that cleanup(8) would leave exactly as it is.

Most mail is like that where no check is configured; the long way round would only confirm it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Well-formed headers, continuation lines, the empty line.  A name with a blank before its colon is not plain.
_HEAD = re.compile(rb"(?:[!-9;-~]+:[^\n\0]*\n(?:[ \t][^\n\0]*\n)*)+(?=\n)")
_NEEDED = (b"message-id", b"date", b"from")  # what is added for local clients where it is missing
_NAMES = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)


class Plain:
    """What makes a message special under these settings."""

    def __init__(self, dropped: Iterable[str], size_limit: int, line_limit: int, hopcount_limit: int) -> None:
        self._special = frozenset(name.lower().encode() for name in dropped)
        self._longest, self._hops = min(size_limit, line_limit - 1), hopcount_limit

    def message_id(self, data: bytes, *, complete: bool) -> str | None:
        """The Message-Id of a plain message ("<>" for none); None: it is not plain, and must go the long way.

        `complete`: nothing that is added for local clients may be missing.
        """
        head = _HEAD.match(data)
        if head is None or head.end() > self._longest:
            return None
        lines = head[0].lower()
        names = _NAMES.findall(lines)
        if names.count(b"received") >= self._hops or not self._special.isdisjoint(names):
            return None
        if b"\nresent-" in lines or lines[:7] == b"resent-" or names.count(b"message-id") > 1:
            return None
        if complete and not (all(name in names for name in _NEEDED) and (b"to" in names or b"cc" in names)):
            return None
        if b"message-id" not in names:
            return "<>"
        at = lines.find(b"\nmessage-id:") + 1  # 0, where nothing is found: then it is the first line
        start = at + len(b"message-id:")
        return head[0][start : lines.index(b"\n", start)].lstrip(b" \t").decode("utf-8", "surrogateescape")
