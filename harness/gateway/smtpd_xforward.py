"""smtpd_xforward - what XFORWARD says of the client that a filter had: for the log alone (XFORWARD_README, smtpd.c)."""

from __future__ import annotations

from harness.gateway.dsn import decode_xtext
from harness.gateway.session import Session
from harness.gateway.smtpd import OK, Smtpd
from harness.gateway.table import TableError
from harness.smtp.command import Command
from harness.smtp.hostname import valid_hostaddr, valid_hostname
from harness.smtp.reply import Reply, reply
from harness.smtp.xclient import UNAVAILABLE

ATTRIBUTES = ("NAME", "ADDR", "PROTO", "HELO", "SOURCE", "PORT", "IDENT")
_LONGEST = 255


def may_xforward(smtpd: Smtpd) -> bool:
    """smtpd_authorized_xforward_hosts."""
    try:
        return smtpd.settings.xforward_hosts.matches(smtpd.s.client.name, smtpd.s.client.address)
    except TableError:
        return False


async def xforward(smtpd: Smtpd, command: Command) -> Reply | None:
    """XFORWARD: attributes are taken one after the other, up to the first that is none."""
    if smtpd.s.sender is not None:
        return reply(503, "5.5.1", "Error: MAIL transaction in progress")
    if len(command.words) < 2:
        return reply(501, "5.5.4", "Syntax: XFORWARD attribute=value...")
    if not may_xforward(smtpd):
        return reply(550, "5.7.0", "Error: insufficient authorization")
    for word in command.arguments:
        if (wrong := _take(smtpd.s, word)) is not None:
            return wrong
    return OK


def forwarded(session: Session) -> str:
    """What of it stands behind `client=` in the log."""
    said = session.xforward
    text = f", orig_queue_id={said['IDENT']}" if said.get("IDENT") else ""
    if "NAME" in said or "ADDR" in said:
        text += f", orig_client={said.get('NAME') or 'unknown'}[{said.get('ADDR') or 'unknown'}]"
    return text


def _take(session: Session, word: str) -> Reply | None:
    written, _, value = word.partition("=")
    name = written.upper()
    if not value:
        return reply(501, "5.5.4", "Error: attribute=value expected")
    if len(value) > _LONGEST:
        return reply(501, "5.5.4", "Error: attribute value too long")
    bare = decode_xtext(value)
    if name not in ATTRIBUTES:
        return reply(501, "5.5.4", f"Bad XFORWARD attribute name: {written}")
    gone = bare == UNAVAILABLE
    if bare is None or not (gone or _is_good(name, bare)):
        return reply(501, "5.5.4", f"Bad {name} syntax: {value}")
    session.xforward[name] = (
        "" if gone else bare.removeprefix("IPv6:").removeprefix("IPV6:") if name == "ADDR" else bare
    )
    return None


def _is_good(name: str, value: str) -> bool:
    match name:
        case "NAME":
            return valid_hostname(value)
        case "ADDR":
            return valid_hostaddr(value[5:] if value[:5].upper() == "IPV6:" else value)
        case "PORT":
            return value.isascii() and value.isdigit()
        case "SOURCE":
            return value.upper() in ("LOCAL", "REMOTE")
    return True
