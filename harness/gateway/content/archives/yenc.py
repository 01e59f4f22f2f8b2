"""yenc - files written into 8-bit text between `=ybegin` and `=yend` (the yEnc draft 1.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

_BEGIN = re.compile(rb"^=ybegin ([^\n]*)\n(?:=ypart [^\n]*\n)?", re.MULTILINE)
_END = re.compile(rb"^=yend ([^\n]*)", re.MULTILINE)
_SIZE = re.compile(rb"\bsize=(\d{1,12})")
_NAME = re.compile(rb"\bname=([^\r\n]*)")
_DOWN = bytes((byte - 42) % 256 for byte in range(256))
_ESCAPED = re.compile(rb"(?s)=(.)")


@archives.register("yenc")
class YEnc:
    """Each byte plus 42; `=` escapes the next.  One part of several is a fragment, and told."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return b"=ybegin " in part.data and _BEGIN.search(part.data) is not None  # quick to say no

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        begins = list(_BEGIN.finditer(data))
        for begin, following in zip(begins, [*begins[1:], None], strict=True):
            stop = following.start() if following else len(data)
            end = _END.search(data, begin.end(), stop)
            lines = data[begin.end() : end.start() if end else stop]
            plain = _ESCAPED.sub(lambda match: bytes([(match[1][0] - 64) % 256]), lines.translate(None, b"\r\n"))
            content = plain.translate(_DOWN)
            named = _NAME.search(begin[1])
            name = named[1].strip().decode("utf-8", "replace") if named else ""
            size = _SIZE.search(begin[1])
            budget.member()
            budget.spend(len(content))
            yield Member(name, content)
            if b"part=" in begin[1].partition(b"name=")[0]:
                yield Trouble("unscannable", "Split.Yenc", name, "one of several parts")
            elif end is None or (size and int(size[1]) != len(content)):
                yield Trouble("unscannable", "Broken.Yenc", name, f"{len(content)} bytes")
