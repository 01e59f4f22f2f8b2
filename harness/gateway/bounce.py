"""bounce - delivery status notifications: what failed, what takes long, what arrived, told to the sender (RFC 3464)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.gateway.cleanup.received import mail_date
from harness.gateway.dsn import Attempt
from harness.gateway.message import header_line, parse_message
from harness.gateway.queued import Queued
from harness.smtp.address import quote_address

# How the mail comes back, by whether it is one that may hold UTF-8 (RFC 6533), and whole or its header alone.
_TYPES = {
    False: {True: "message/rfc822", False: "text/rfc822-headers"},
    True: {True: "message/global", False: "message/global-headers"},
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of notification, in the words that differ from sort to sort."""

    subject: str
    action: str  # of RFC 3464 2.3.3; "" says that each recipient has its own
    attached: str
    says: tuple[str, ...]
    whole: bool = False  # the mail goes with it, unless its sender (RET=HDRS) or its size is against that


FAILURE = Kind(
    "Undelivered Mail Returned to Sender",
    "failed",
    "Undelivered Message",
    ("Your mail could not be delivered to the people below. It is not sent again.",),
    whole=True,
)
DELAY = Kind(
    "Delayed Mail (still being retried)",
    "delayed",
    "Delayed Message",
    ("This is only a warning; you need not send your mail again.", "It has not arrived yet, and is tried again."),
)
SUCCESS = Kind(
    "Successful Mail Delivery Report",
    "",
    "Message",
    ("Your mail was delivered to the people below, or was passed on to a host that sends no such reports.",),
)


# For the postmaster (notify_classes): of what was told to the sender, or could not be told to anybody.
COPY = replace(FAILURE, subject="Postmaster Copy: Undelivered Mail", says=(), whole=False)
DOUBLE = replace(COPY, whole=True)
WARNING = replace(DELAY, subject="Postmaster Warning: Delayed Mail", says=())


def report(
    kind: Kind,
    mail: Queued,
    attempts: Sequence[Attempt],
    *,
    queue_id: str,
    hostname: str,
    now: float,
    size_limit: int = 50_000,
    retry_until: float | None = None,
    to: str = "",
) -> bytes:
    """The notification for the sender of a mail, LF line ends.  Send it from the null sender (RFC 5321 4.5.5).

    `to` is the postmaster, where it is not for the sender.  `size_limit` is bounce_size_limit, in bytes: of a larger
    mail only the header goes back.
    """
    boundary = f"{mail.queue_id}.{int(now)}/{hostname}"
    stamp = mail_date(now)
    head = b"".join(
        header_line(name, text)
        for name, text in (
            ("Date", stamp),
            ("From", f"Mail Delivery System <MAILER-DAEMON@{hostname}>"),
            ("Subject", kind.subject),
            ("To", quote_address(to or mail.sender)),
            ("Auto-Submitted", "auto-generated" if to else "auto-replied"),
            ("MIME-Version", "1.0"),
        )
    )
    received = f"Received: by {hostname} (Postfix)\n\tid {queue_id}; {stamp}\n".encode()
    content = f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"\n'.encode()
    content += b"Content-Transfer-Encoding: 8bit\n" + header_line("Message-Id", f"<{queue_id}@{hostname}>")
    whole = kind.whole and mail.returned != "HDRS" and len(mail.data) <= size_limit
    parts = (
        _part(boundary, "text/plain; charset=utf-8", "Notification", _text(kind, attempts, hostname)),
        _part(
            boundary,
            "message/global-delivery-status" if mail.utf8 else "message/delivery-status",
            "Delivery report",
            _status(kind, mail, attempts, hostname, retry_until),
            encoded=mail.utf8,
        ),
        _part(
            boundary,
            _TYPES[mail.utf8][whole],
            kind.attached if whole else f"{kind.attached} Headers",
            _returned(mail, whole, hostname),
        ),
    )
    return b"".join((received, head, content, b"\n", *parts, f"--{boundary}--\n".encode()))


def _part(boundary: str, kind: str, description: str, body: bytes, *, encoded: bool = True) -> bytes:
    head = f"--{boundary}\nContent-Description: {description}\nContent-Type: {kind}\n"
    head += "Content-Transfer-Encoding: 8bit\n\n" if encoded else "\n"
    return head.encode() + body + (b"\n" if body.endswith(b"\n") else b"\n\n")


def _text(kind: Kind, attempts: Sequence[Attempt], hostname: str) -> bytes:
    lines = [f"This is the mail system at host {hostname}.", "", *kind.says] if kind.says else []
    for attempt in attempts:
        name = attempt.name or attempt.recipient
        same = name.lower() == attempt.recipient.lower()
        from_ = "" if same else f" (expanded from <{quote_address(name)}>)"
        told = f"<{quote_address(attempt.recipient)}>{from_}: {attempt.why}"
        lines += ["", *textwrap.wrap(told, 78, subsequent_indent="    ", break_long_words=False)]
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"


def _status(kind: Kind, mail: Queued, attempts: Sequence[Attempt], hostname: str, retry_until: float | None) -> bytes:
    lines = [f"Reporting-MTA: dns; {hostname}"]
    if mail.envelope_id:
        lines.append(f"Original-Envelope-Id: {mail.envelope_id}")
    lines += [
        f"X-Postfix-Queue-ID: {mail.queue_id}",
        f"X-Postfix-Sender: rfc822; {_sender(mail, hostname)}",
        f"Arrival-Date: {mail_date(mail.arrived_at)}",
    ]
    for attempt in attempts:
        recipient = quote_address(attempt.recipient)
        original = attempt.wish.original or f"rfc822;{quote_address(attempt.name or attempt.recipient)}"
        lines += [
            "",
            f"Final-Recipient: rfc822; {recipient}",
            f"Original-Recipient: {original}",
            f"Action: {kind.action or attempt.action}",
            f"Status: {attempt.status}",
            *([f"Remote-MTA: dns; {attempt.remote}"] if attempt.remote else []),
            f"Diagnostic-Code: {'smtp' if attempt.said else 'X-Postfix'}; "
            + " ".join((attempt.said or attempt.why).split()),
        ]
        if retry_until is not None:
            lines.append(f"Will-Retry-Until: {mail_date(retry_until)}")
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"


def _sender(mail: Queued, hostname: str) -> str:
    return quote_address(mail.sender) or f"MAILER-DAEMON@{hostname}"


def _returned(mail: Queued, whole: bool, hostname: str) -> bytes:
    path = f"Return-Path: <{_sender(mail, hostname)}>\n".encode("utf-8", "surrogateescape")
    if whole:
        return path + mail.data
    return path + b"".join(header.raw for header in parse_message(mail.data).headers)
