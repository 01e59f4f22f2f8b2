"""message - a mail inside a mail: message/rfc822 in any encoding, a saved mail, an mbox."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.leaf import leaves
from harness.gateway.content.magic import MAIL_TYPES, looks_like_mail
from harness.gateway.content.mime_views import parse
from harness.gateway.content.part import Part

_FROM_LINE = re.compile(rb"^From (?=[^\n]*\d{4})[^\n]*\n(?=[!-9;-~]+:)", re.MULTILINE)


@archives.register("message")
class Message:
    """Every entity of it is an object; several mails in one file are read one by one."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.type in MAIL_TYPES or looks_like_mail(part.data)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        whole = part.data.replace(b"\r\n", b"\n").lstrip(b"\n")
        for mail in _mails(whole):
            views = parse(mail, budget.limits)
            for _, thing in leaves(mail, views, budget):
                yield thing


def _mails(whole: bytes) -> Iterator[bytes]:
    """One, or those of an mbox, without their From lines."""
    if not whole.startswith(b"From "):
        yield whole
        return
    starts = [match.span() for match in _FROM_LINE.finditer(whole)] or [(0, whole.find(b"\n") + 1)]
    for (_, begin), following in zip(starts, [*(start for start, _ in starts[1:]), len(whole)], strict=True):
        yield whole[begin:following]
