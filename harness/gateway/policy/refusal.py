"""refusal - from a Reject to the reply on the wire, and the tail of every log line about a session."""

from __future__ import annotations

from harness.gateway.policy.known import Known
from harness.gateway.policy.verdict import Reject
from harness.gateway.session import Session
from harness.smtp.address import quote_address
from harness.smtp.reply import Reply


def compose(reject: Reject, known: Known, s: Session) -> tuple[Reply, str]:
    """The reply, and the same as one line of text.

    A code that is no refusal becomes 450 4.7.1 Service unavailable, with a warning.  Unprintable characters become
    spaces, and the first digit of the status is that of the code.  Long text stays whole: smtpd means to cut it at
    510 bytes, but its vstring_truncate leaves the bytes behind the mark, and they are sent (seen with 3.7.11).
    """
    code, status, text = reject.code, f"{str(reject.code)[0]}.{reject.status}", reject.text
    if not 400 <= code <= 599:
        known.log.line(
            "smtpd", s.number, f"warning: SMTP reply code configuration error: {code} 5.{reject.status} {text}"
        )
        code, status, text = 450, "4.7.1", "Service unavailable"
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if c.isprintable() and (known.utf8 or c.isascii()) else " " for c in text)
    return Reply(code, status, (text,)), f"{code} {status} {text}"


def log_context(s: Session) -> str:
    """` from=<..> to=<..> proto=.. helo=<..>`, as far as they are known; 3.7 does not tell the login (log_whatsup)."""
    parts = []
    if s.sender is not None:
        parts.append(f" from=<{quote_address(s.sender)}>")
    if s.recipient is not None:
        parts.append(f" to=<{quote_address(s.recipient)}>")
    parts.append(f" proto={s.protocol}")
    if s.helo_name is not None:
        parts.append(f" helo=<{s.helo_name}>")
    return "".join(parts)
