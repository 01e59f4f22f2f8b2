"""carved - MIME parts in a text that declares none: a stray boundary, a pasted source, an attachment after the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.leaf import leaves
from harness.gateway.content.magic import MAIL_TYPES
from harness.gateway.content.mime_views import guessed_boundaries, parse
from harness.gateway.content.part import Part, textual

_MIME_FIELD = re.compile(rb"^content-(?:type|transfer-encoding|disposition)[ \t]*:", re.IGNORECASE | re.MULTILINE)


@archives.register("carved")
class Carved:
    """Only texts are asked, and only what such parts hold is told: that somebody quotes a mail is no trouble."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        if part.type in MAIL_TYPES:
            return False  # `message` reads it
        return b"\n--" in data and textual(data) and bool(_MIME_FIELD.search(data))

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        text = part.data.replace(b"\r\n", b"\n")
        for boundary in guessed_boundaries(text):
            head = b'Content-Type: multipart/mixed; boundary="' + boundary.replace(b'"', b'\\"') + b'"\n\n'
            mail = head + text
            for _, thing in leaves(mail, parse(mail, budget.limits), budget):
                loose = isinstance(thing, Member) and thing.label in ("preamble", "epilogue")
                if not loose and not (isinstance(thing, Trouble) and thing.cls == "suspicious"):
                    yield thing
