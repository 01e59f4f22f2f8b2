"""notify - tell sender, receiver and administrator what was found, in the templates' words, once each.

Manners of RFC 3834: from the null sender, marked Auto-Submitted, never to the null sender, to a list, to another
robot, or to a sender whose address the virus is known to forge.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.gateway.cleanup.received import mail_date
from harness.gateway.content.entity import Entity
from harness.gateway.content.finding import Finding
from harness.gateway.content.group import Group
from harness.gateway.content.ledger import Ledger
from harness.gateway.content.outcome import Mail, Notice
from harness.gateway.content.template import PRODUCT, Language, plain
from harness.gateway.message import header_line
from harness.gateway.mime_names import decode_words
from harness.gateway.rule import Rule
from harness.gateway.session import Asked
from harness.smtp.address import quote_address

_EVENT_OF_ACTION = {"clean": "cleaned", "rename": "renamed"}
_HEADER_LINES = 200  # of the mail, in a notice
_RULE = "-" * 60


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice can speak of, but for the finding."""

    mail: Mail
    root: Entity
    hostname: str
    now: float  # s since the epoch
    languages: Mapping[str, Language]
    ledger: Ledger = field(default_factory=Ledger)
    most: int = 0  # notices an hour to one address about one name; 0: no limit
    already: frozenset[tuple[str, str]] = frozenset()  # (party, address) told of this mail, for another group

    def values(self, finding: Finding, to_user: str, done: str = "", kept: str = "") -> dict[str, str]:
        """The variables of a template."""
        return {
            "ATTACH_NAME": f"({finding.path})",
            "SUBJECT": decode_words(self.root.value("subject").strip()),
            "FROM_USER": self.mail.sender or "<>",
            "TO_USER": to_user,
            "VIRUS_NAME": finding.name,
            "RULE_NAME": finding.detail if finding.cls == "bulk" else finding.rule.text,
            "ACTION_DONE": done,
            "QUARANTINE_NAME": kept,
            "HOST": self.hostname,
            "QUEUE_ID": self.mail.queue_id,
            "DATE": mail_date(self.now),
            "CLIENT": f"{self.mail.client_name}[{self.mail.client_address}]",
            "MAIL_HEADER": self.header(),
            "PRODUCT": PRODUCT,
        }

    def header(self) -> str:
        """The header of the mail, a field a line, indented so that no line of it is one of ours."""
        fields = self.root.fields[:_HEADER_LINES]
        return "".join(f"    {one.name}: {plain(one.value.decode('utf-8', 'replace').strip())}\n" for one in fields)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the finding that is told of."""

    action: str  # the last of its chain
    said: str  # "delete: warn.txt of 68 bytes"
    kept: str  # its name in quarantine, or ""
    ended: str = ""  # reject, discard: nothing of the mail is delivered


def notices(
    told: Told, group: Group, recipients: tuple[str, ...], finding: Finding, done: Done, learns: str
) -> tuple[list[Notice], list[Asked]]:
    """The notices for one finding that was acted upon, and for the trace who was told, and who was not and why.

    `recipients` are those of the group; `learns` says how the sender learns of a refusal otherwise, "" if not at all.
    """
    event = _EVENT_OF_ACTION.get(done.action) or ("filtered" if finding.cls == "filter" else finding.cls)
    administrator = group.administrator or f"postmaster@{told.hostname}"
    parties = [("sender", told.mail.sender, ", ".join(told.mail.recipients))]
    # Whoever else the mail was for is nobody's business but the sender's: a recipient may be a blind copy.
    parties += [("receiver", recipient, recipient) for recipient in recipients]
    parties.append(("administrator", administrator, ", ".join(told.mail.recipients)))
    written, trace = [], []
    for party, to, to_user in parties:
        rule = group.warn[party]
        if rule is None:
            continue
        reason = _silence(told, finding, done, party, learns)
        if reason:
            trace.append(_line(party, to, rule, f"not told of {finding.name}: {reason}"))
            continue
        if (party, to) in told.already:
            trace.append(_line(party, to, rule, f"not told of {finding.name}: told of this mail already"))
            continue
        admitted, missed = told.ledger.admit((party, to.lower(), finding.name), told.now, told.most)
        if not admitted:
            said = f"not told of {finding.name}: {told.most} an hour are enough (notices_per_hour)"
            trace.append(_line(party, to, rule, said))
            continue
        data = _mail(told, told.languages[group.language], to, to_user, event, finding, done, missed)
        written.append(Notice(event, "", to, data, party))
        trace.append(_line(party, to, rule, f"told of {finding.name} ({event})"))
    return written, trace


def _silence(told: Told, finding: Finding, done: Done, party: str, learns: str) -> str:
    """Why a party is not told, or ""."""
    if party == "administrator":
        return ""
    if done.ended == "discard":
        return "what is discarded is discarded in silence"
    if party == "receiver":
        return "nothing was delivered" if done.ended else ""
    return learns or robot(told.mail, told.root) or ("this one forges its sender" if finding.forges_sender else "")


def robot(mail: Mail, root: Entity) -> str:
    """Why nobody who wants to read a notice stands behind the sender's address, or ""  (RFC 3834 2)."""
    if not mail.sender:
        return "it has the null sender"
    if root.all("list-id", "list-unsubscribe", "list-post"):
        return "it comes from a mailing list"
    automatic = root.value("auto-submitted").strip().lower()
    if automatic and automatic.partition(b";")[0].strip() != b"no":
        return "a program sent it (Auto-Submitted)"
    if root.value("precedence").strip().lower() in (b"bulk", b"list", b"junk"):
        return "it is bulk mail (Precedence)"
    sender = mail.sender.lower()
    if sender.startswith(("mailer-daemon@", "owner-")) or "-request@" in sender:
        return "its sender is a program or a list"
    return ""


def once(written: list[Notice]) -> list[Notice]:
    """At most one notice for each party and address: the first."""
    first: dict[tuple[str, str], Notice] = {}
    for notice in written:
        first.setdefault((notice.party, notice.to), notice)
    return list(first.values())


def _line(party: str, to: str, rule: Rule, said: str) -> Asked:
    return Asked("end_of_data", f"warn_{party}", to or "<>", rule, said)


def _mail(
    told: Told, language: Language, to: str, to_user: str, event: str, finding: Finding, done: Done, missed: int
) -> bytes:
    values = told.values(finding, to_user, done.said, done.kept)
    lines = [f"{PRODUCT} on {told.hostname}", _RULE, "Results of the content check", ""]
    if done.kept:
        lines.append(language.text("saved", values))
    lines.append(language.text(event, values))
    lines.append(language.text("not_delivered", values) if done.ended else f"What was done: {done.said or 'nothing'}.")
    if missed:
        lines.append(f"{missed} more mails with it came within an hour of the last notice; you were not told of each.")
    body = "\n".join(line.strip("\n") for line in lines) + f"\n{_RULE}\nThe header of the mail:\n{told.header()}"
    subject = f"Content check: {finding.name} in a mail from {plain(told.mail.sender) or '<>'}"
    mark = zlib.crc32(f"{to}:{finding.path}".encode("utf-8", "surrogateescape"))
    head = (
        ("Date", mail_date(told.now)),
        ("From", f"MAILER-DAEMON@{told.hostname} (Mail content check)"),
        ("To", quote_address(to)),
        ("Subject", _words(subject)),
        ("Message-Id", f"<{told.mail.queue_id}.{event}.{mark:08x}@{told.hostname}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "7bit" if body.isascii() else "8bit"),
    )
    return b"".join(header_line(name, value) for name, value in head) + b"\n" + body.encode("utf-8", "replace")


def _words(text: str) -> str:
    """The text as RFC 2047 wants it in a header field."""
    if text.isascii():
        return text
    pieces = [text[at : at + 15] for at in range(0, len(text), 15)]
    return " ".join(f"=?utf-8?B?{b64encode(piece.encode('utf-8', 'replace')).decode()}?=" for piece in pieces)
