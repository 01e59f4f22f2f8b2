"""message - a mail inside a mail (message/rfc822 in any encoding), and the two message types nobody can examine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.entity import parse
from harness.gateway.content.part import Part, shown

_WHOLE = frozenset({"message/rfc822", "message/global", "message/news"})
# A mail saved to a file: some transport or address field within the first lines, and a MIME field.
_LOOKS_LIKE_MAIL = re.compile(
    rb"\s{0,8}(?:received|return-path|from|to|subject|date|message-id|mime-version|x-[\w-]+)[ \t]*:[^\n]*\n",
    re.IGNORECASE,
)
_MIME_FIELD = re.compile(rb"^content-(?:type|transfer-encoding)[ \t]*:", re.IGNORECASE | re.MULTILINE)


@archives.register("message")
class Message:
    """RFC 2046 5.2.  A fragment (partial) and a reference (external-body) are never clean: the body is elsewhere."""

    @staticmethod
    def recognises(part: Part) -> bool:
        if part.type.startswith("message/"):
            return part.type in _WHOLE or part.type in ("message/partial", "message/external-body")
        head = part.data[:8192]
        return bool(_LOOKS_LIKE_MAIL.match(head) and _MIME_FIELD.search(head))

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        if part.type == "message/partial":
            yield Trouble("unscannable", "Message.Partial", detail="the rest of it is in other mails")
        elif part.type == "message/external-body":
            yield Trouble("unscannable", "Message.ExternalBody", detail="its body is fetched by the reader")
        inner = part.data.replace(b"\r\n", b"\n").lstrip(b"\n")
        for entity in parse(inner, budget.limits).walk():
            for cls, name in entity.troubles:
                yield Trouble("unscannable" if cls == "unscannable" else "suspicious", name)
            for kind, start, end in entity.loose:
                budget.member()
                yield Member("", inner[start:end], label=kind, type="text/plain")
            if entity.multipart:
                continue
            readings, wrong = entity.readings(inner)
            label = f"part{entity.number:04d}" + (f":{shown(entity.names[0])}" if entity.names else "")
            for name in wrong:
                yield Trouble("suspicious", name, label)
            for reading in readings:
                budget.member()
                budget.spend(len(reading))
                yield Member(
                    entity.names[0] if entity.names else "", reading, entity.names[1:], type=entity.type, label=label
                )
