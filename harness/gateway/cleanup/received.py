"""received - the Received: header that smtpd(8) puts above a message, and dates as Postfix writes them."""

from __future__ import annotations

import time
from functools import lru_cache

from harness.gateway.session import Session
from harness.smtp.address import quote_address


def received(session: Session, queue_id: str, now: float, *, hostname: str, mail_name: str, show_login: bool) -> str:
    """The header's lines, joined by LF, without the last line end.

    `for` is there only when the message has one recipient: it must not give others away.  `show_login`:
    smtpd_sasl_authenticated_header.  Source: data_cmd in smtpd.c; RFC 3848 and RFC 6531 (with).
    """
    client = session.client
    address = f"IPv6:{client.address}" if ":" in client.address else client.address
    protocol = "UTF8SMTP" if session.smtputf8 else session.protocol
    if session.protocol == "ESMTP":  # RFC 3848 speaks of no other
        protocol += "S" * session.tls + "A" * bool(session.sasl_username)  # also by XCLIENT, where AUTH is not offered
    lines = f"Received: from {session.helo_name or client.name} ({client.name} [{address}])\n"
    if show_login and session.sasl_username:
        lines += f"\t(Authenticated sender: {session.sasl_username})\n"
    lines += f"\tby {hostname} ({mail_name}) with {protocol} id {queue_id}"
    if len(session.recipients) == 1:
        return f"{lines}\n\tfor <{quote_address(session.recipients[0])}>; {mail_date(now)}"
    return f"{lines};\n\t{mail_date(now)}"


def mail_date(now: float) -> str:
    """`Tue, 24 Nov 2026 17:21:32 +0000 (UTC)`: the gateway lives in UTC; the day is padded with a blank."""
    return _dated(int(now))


@lru_cache(maxsize=8)
def _dated(second: int) -> str:
    return time.strftime("%a, %e %b %Y %H:%M:%S +0000 (UTC)", time.gmtime(second))
