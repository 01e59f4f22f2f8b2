"""notify - tell sender, receiver and administrator what was found, in the templates' words, once each.

Manners of RFC 3834: from the null sender, marked Auto-Submitted, never to the null sender, to a list, to another
robot, or to a sender whose address the virus is known to forge.  A value is put in once: what it holds is not expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.gateway.cleanup.received import mail_date
from harness.gateway.content.entity import Entity
from harness.gateway.content.finding import Finding
from harness.gateway.content.outcome import Mail, Notice
from harness.gateway.content.rav import Group
from harness.gateway.message import header_line
from harness.gateway.mime_names import decode_words
from harness.smtp.address import quote_address

PRODUCT = "RAV AntiVirus reference engine"
LONGEST = 200  # characters of a value

DEFAULTS = {
    "infected": 'The file ATTACH_NAME in the mail "SUBJECT" from FROM_USER to TO_USER(S) holds the virus VIRUS_NAME.',
    "suspicious": 'The file ATTACH_NAME in the mail "SUBJECT" from FROM_USER looks dangerous: VIRUS_NAME.',
    "unscannable": 'The file ATTACH_NAME in the mail "SUBJECT" from FROM_USER could not be examined: VIRUS_NAME.',
    "filter": 'The mail "SUBJECT" from FROM_USER to TO_USER(S) met the rule VIRUS_NAME at ATTACH_NAME.',
    "warn_txt": "A file stood here: ATTACH_NAME. It was taken out because of VIRUS_NAME. ",
}
_TOKENS = re.compile(
    r"TO_USER\s?\(S\)|ATTACH_NAME|SUBJECT|FROM_USER|TO_USER|VIRUS_NAME|ACTION_DONE|QUARANTINE_NAME|HOST"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a template can speak of."""

    mail: Mail
    root: Entity
    hostname: str
    now: float
    templates: Mapping[str, tuple[str, object]]
    language: str = "english"

    def text(self, event: str, finding: Finding, done: str = "", kept: str = "") -> str:
        """A template with its variables put in."""
        key = f"{event}_m_{self.language}"
        template = self.templates[key][0].strip("\n") if key in self.templates else DEFAULTS[event]
        values = {
            "ATTACH_NAME": f"({finding.path})",
            "SUBJECT": decode_words(self.root.value("subject").strip()),
            "FROM_USER": self.mail.sender or "<>",
            "TO_USER": ", ".join(self.mail.recipients),
            "VIRUS_NAME": finding.name,
            "ACTION_DONE": done,
            "QUARANTINE_NAME": kept,
            "HOST": self.hostname,
        }
        return _TOKENS.sub(lambda found: plain(values["TO_USER" if found[0][:7] == "TO_USER" else found[0]]), template)


def plain(value: str) -> str:
    """A value fit for a text: one line, 200 characters at most."""
    return "".join(c if c.isprintable() else " " for c in value)[:LONGEST]


def notices(told: Told, group: Group, recipients: tuple[str, ...], finding: Finding, done: str, kept: str,
            sender_learns_otherwise: bool) -> list[Notice]:  # fmt: skip
    """The notices for one finding that was acted upon; `recipients` are those of the group."""
    parties: list[tuple[str, str]] = []
    if group.warn_sender is not None and not sender_learns_otherwise and may_tell_sender(told, finding):
        parties.append(("sender", told.mail.sender))
    if group.warn_receiver is not None:
        parties += [("receiver", recipient) for recipient in recipients]
    if group.warn_administrator is not None:
        parties.append(("administrator", group.administrator or f"postmaster@{told.hostname}"))
    text = told.text(finding.cls, finding, done, kept)
    return [Notice(finding.cls, "", to, _mail(told, to, finding, text, done, kept), party) for party, to in parties]


def may_tell_sender(told: Told, finding: Finding) -> bool:
    """Nobody is there, or it is not who it seems, or it is a robot: better say nothing (RFC 3834 2)."""
    root = told.root
    automatic = root.value("auto-submitted").strip().lower()
    precedence = root.value("precedence").strip().lower()
    return (
        bool(told.mail.sender)
        and not finding.forges_sender
        and not root.all("list-id", "list-unsubscribe", "list-post")
        and (not automatic or automatic == b"no")
        and precedence not in (b"bulk", b"list", b"junk")
        and not told.mail.sender.lower().startswith(("mailer-daemon@", "owner-"))
    )


def _mail(told: Told, to: str, finding: Finding, text: str, done: str, kept: str) -> bytes:
    stored = f"The object was put into quarantine as {kept}.\n" if kept else ""
    root = told.root
    header = "".join(
        f"    {item.name}: {plain(item.value.decode('utf-8', 'replace').strip())}\n" for item in root.fields
    )
    body = (
        f"{PRODUCT} on {told.hostname}\n{'-' * 60}\n{stored}{text}\n\nWhat was done: {done or 'nothing'}.\n"
        f"{'-' * 60}\nThe header of the mail:\n{header}"
    )
    head = b"".join(
        header_line(name, value)
        for name, value in (
            ("Date", mail_date(told.now)),
            ("From", f"MAILER-DAEMON@{told.hostname} (Mail content check)"),
            ("To", quote_address(to)),
            ("Subject", f"Content check: {finding.name} in a mail from {plain(told.mail.sender) or '<>'}"),
            ("Message-Id", f"<{told.mail.queue_id}.{finding.cls}.{abs(hash_of(to)):x}@{told.hostname}>"),
            ("Auto-Submitted", "auto-generated"),
            ("Precedence", "bulk"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        )
    )
    return head + b"\n" + body.encode("utf-8", "replace")


def hash_of(text: str) -> int:
    """A small number that is the same for the same text in every run."""
    number = 0
    for byte in text.encode("utf-8", "surrogateescape"):
        number = (number * 31 + byte) & 0xFFFFFF
    return number
