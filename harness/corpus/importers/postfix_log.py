"""postfix_log - a log of Postfix as a corpus: client, HELO, envelope and what was said then; the content is made up.

A mail's lines are found by its queue id, a refused one stands in its `NOQUEUE: reject` line.  What the log said of it
makes its label only where the user gives none: that a mail was refused does not say that it was spam.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.corpus.importer import Wishes, importers
from harness.corpus.sample import Broken, Sample

_LINE = re.compile(r"(?:\S+ +\d+ [\d:]+|\d{4}-\S+) (\S+) postfix[\w./-]*/(\w+)\[\d+\]: (.*)")
_ID = re.compile(r"([0-9A-F]{6,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): (.*)")
_CLIENT = re.compile(r"client=(\S+?)\[([0-9A-Fa-f.:]+)\]")
_REJECT = re.compile(
    r"NOQUEUE: (?:reject|reject_warning|hold|discard|filter|redirect|warn): \S+ from (\S+?)\[([^\]]+)\]:.*?;"
    r"(?: from=<([^>]*)>)?(?: to=<([^>]*)>)? proto=\S+(?: helo=<([^>]*)>)?"
)
_FROM = re.compile(r"from=<([^>]*)>, size=(\d+)")
_TO = re.compile(r"to=<([^>]*)>(?:, orig_to=<([^>]*)>)?, relay=")
_MESSAGE_ID = re.compile(r"message-id=(\S*)")
_LONGEST = 1 << 16  # bytes of a line that are read at a time: syslog writes none of that length
_MOST_OPEN = 100_000  # mails whose `removed` never comes must not fill memory


@dataclass
class _Mail:
    client: str = ""
    name: str = ""
    sender: str | None = None
    size: int = 0
    recipients: dict[str, None] = field(default_factory=dict)
    message_id: str = ""


@importers.register("postfix_log")
class PostfixLog:
    """Lines of syslog or of maillog_file, of any number of instances."""

    def claims(self, path: Path) -> bool:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return any(_LINE.match(file.readline(1000).decode("utf-8", "replace")) for _ in range(20))

    def read(self, path: Path, wishes: Wishes) -> Iterator[Sample | Broken]:
        mails: dict[str, _Mail] = {}
        with path.open("rb") as file:
            for number, raw in enumerate(iter(lambda: file.readline(_LONGEST), b""), 1):
                parts = _LINE.match(raw.decode("utf-8", "backslashreplace").rstrip("\n"))
                if parts is None:
                    continue
                program, text = parts[2], parts[3]
                where = f"{path.name}:{number}"
                if refused := _REJECT.match(text):
                    name, address, sender, recipient, helo = refused.groups()
                    if recipient:
                        yield _sample(where, address, name, sender or "", [recipient], wishes, helo=helo or "")
                    continue
                if (own := _ID.match(text)) is None:
                    continue
                mail = mails.setdefault(own[1], _Mail())
                _take(mail, program, own[2])
                if own[2] == "removed":
                    del mails[own[1]]
                    if mail.client and mail.sender is not None and mail.recipients:
                        yield _sample(
                            where, mail.client, mail.name, mail.sender, list(mail.recipients), wishes,
                            size=mail.size, message_id=mail.message_id,
                        )  # fmt: skip
                elif len(mails) > _MOST_OPEN:
                    del mails[next(iter(mails))]
        for queue_id, mail in mails.items():
            if mail.client and mail.sender is not None and mail.recipients:
                yield _sample(
                    f"{path.name}:{queue_id}", mail.client, mail.name, mail.sender, list(mail.recipients), wishes,
                    size=mail.size, message_id=mail.message_id,
                )  # fmt: skip
            elif mail.client:
                yield Broken(f"{path.name}:{queue_id}", "the log ends before it tells sender and recipients")


def _take(mail: _Mail, program: str, text: str) -> None:
    """Note what one line says of a mail."""
    if program == "smtpd" and (found := _CLIENT.match(text)):
        mail.name, mail.client = found[1], found[2]
    elif program == "qmgr" and (found := _FROM.match(text)):
        mail.sender, mail.size = found[1], int(found[2])
    elif program == "cleanup" and (found := _MESSAGE_ID.match(text)):
        mail.message_id = found[1]
    elif found := _TO.match(text):
        mail.recipients[found[2] or found[1]] = None


def _sample(
    where: str, address: str, name: str, sender: str, recipients: list[str], wishes: Wishes, *,
    size: int = 0, message_id: str = "", helo: str = "",
) -> Sample | Broken:  # fmt: skip
    if address == "unknown":
        return Broken(where, "the client's address is not known")
    head = f"From: <{sender}>\r\nTo: {', '.join(f'<{one}>' for one in recipients)}\r\nSubject: (not in the log)\r\n"
    head += f"Message-ID: {message_id or f'<{where}@log.invalid>'}\r\n\r\n"
    line = "The log does not keep what was in this mail.\r\n"
    body = line * max(1, (min(size, 1 << 16) - len(head)) // len(line))
    verified = name if name != "unknown" else None
    return Sample(
        where, address, sender, tuple(recipients), (head + body).encode("utf-8", "surrogateescape"), wishes.label,
        helo, verified, verified, origin=where,
    )  # fmt: skip
