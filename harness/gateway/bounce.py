"""bounce - a delivery status notification: what failed, why, and the header of the mail it is about (RFC 3464)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.gateway.cleanup.received import mail_date
from harness.gateway.message import header_line, parse_message
from harness.smtp.address import quote_address


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient who will not get the mail: status as 5.7.1, and why."""

    recipient: str
    status: str
    why: str
    remote: str = ""  # the host that said so


def bounce(
    original: bytes, sender: str, failures: Sequence[Failure], *, queue_id: str, about: str, hostname: str, now: float
) -> bytes:
    """The notification for the sender of a mail, LF line ends.  Send it from the null sender (RFC 5321 4.5.5)."""
    boundary = f"{about}.{queue_id}/{hostname}"
    head = b"".join(
        header_line(name, text)
        for name, text in (
            ("Date", mail_date(now)),
            ("From", f"MAILER-DAEMON@{hostname} (Mail Delivery System)"),
            ("Subject", "Undelivered Mail Returned to Sender"),
            ("To", quote_address(sender)),
            ("Auto-Submitted", "auto-replied"),
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/report; report-type=delivery-status; boundary="{boundary}"'),
            ("Message-Id", f"<{queue_id}@{hostname}>"),
        )
    )
    message = parse_message(original)
    headers = b"".join(header.raw for header in message.headers)
    parts = (
        _part(boundary, "text/plain; charset=us-ascii", "Notification", _text(failures, hostname)),
        _part(boundary, "message/delivery-status", "Delivery report", _report(failures, about, sender, hostname, now)),
        _part(boundary, "text/rfc822-headers", "Undelivered Message Headers", headers),
    )
    return b"".join((head, b"\n", *parts, f"--{boundary}--\n".encode()))


def _part(boundary: str, kind: str, description: str, body: bytes) -> bytes:
    head = f"--{boundary}\nContent-Description: {description}\nContent-Type: {kind}\n\n"
    return head.encode() + body + (b"\n" if body.endswith(b"\n") else b"\n\n")


def _text(failures: Sequence[Failure], hostname: str) -> bytes:
    lines = [
        f"This is the mail system at host {hostname}.",
        "",
        "Your mail could not be delivered to the people below. It is not sent again.",
        "",
        *(f"<{quote_address(failure.recipient)}>: {failure.why}" for failure in failures),
    ]
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"


def _report(failures: Sequence[Failure], about: str, sender: str, hostname: str, now: float) -> bytes:
    lines = [
        f"Reporting-MTA: dns; {hostname}",
        f"X-Postfix-Queue-ID: {about}",
        f"X-Postfix-Sender: rfc822; {quote_address(sender)}",
        f"Arrival-Date: {mail_date(now)}",
    ]
    for failure in failures:
        lines += [
            "",
            f"Final-Recipient: rfc822; {quote_address(failure.recipient)}",
            f"Original-Recipient: rfc822;{quote_address(failure.recipient)}",
            "Action: failed",
            f"Status: {failure.status}",
            *([f"Remote-MTA: dns; {failure.remote}"] if failure.remote else []),
            f"Diagnostic-Code: {'smtp' if failure.remote else 'X-Postfix'}; {' '.join(failure.why.split())}",
        ]
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n"
