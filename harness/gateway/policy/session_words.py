"""session_words - the `$names` that reply templates may use: what is known of a session (smtpd_expand.c)."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.gateway.session import Session


def session_word(name: str, session: Session, server_name: str, now: float) -> str | None:
    """The value of one name, "" where the session does not know it yet, None for a name that is none."""
    client = session.client
    match name:
        case "client":
            return client.namaddr
        case "client_address":
            return client.address
        case "client_name":
            return client.name
        case "client_port":
            return client.port
        case "reverse_client_name":
            return client.reverse_name
        case "helo_name":
            return session.helo_name or ""
        case "sender" | "sender_name" | "sender_domain":
            return _address(session.sender, name)
        case "recipient" | "recipient_name" | "recipient_domain":
            return _address(session.recipient, name)
        case "server_name":
            return session.server_name or server_name
        case "localtime":
            return f"{datetime.fromtimestamp(now, UTC):%b %d %H:%M:%S}"  # as the log shows it
    return None


def _address(address: str | None, name: str) -> str:
    """An address, its local part, or its domain; the null sender reads `<>`.  Unset before MAIL or RCPT."""
    if address is None:
        return ""
    if not address:
        return "<>" if not name.endswith("_domain") else ""
    local, at, domain = address.rpartition("@")
    if name.endswith("_name"):
        return local if at else address
    if name.endswith("_domain"):
        return domain if at else ""
    return address
