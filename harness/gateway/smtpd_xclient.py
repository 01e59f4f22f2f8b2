"""smtpd_xclient - take over what XCLIENT says of the client (XCLIENT_README, xclient_cmd in smtpd.c)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.gateway.session import NameStatus, Session
from harness.smtp.hostname import valid_hostname
from harness.smtp.reply import Reply, reply
from harness.smtp.xclient import TEMPUNAVAIL, UNAVAILABLE, normal_address, parse_attributes

_UNSAFE = re.compile(r'[\s<>()\\";@]|[^\x20-\x7e]')
_GONE = {UNAVAILABLE: NameStatus.PERMANENT, TEMPUNAVAIL: NameStatus.TEMPORARY}


class XclientError(Exception):
    """An attribute that is none; `reply` says so."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(str(answer))
        self.reply = answer


def apply_xclient(session: Session, words: Sequence[str], ipv6: bool = True) -> None:
    """Change the session's client as the attributes say.  Raises XclientError, and then nothing was changed.

    `ipv6`: inet_protocols has it; without, an IPv6 address is none.
    """
    attributes = parse_attributes(words)
    if isinstance(attributes, str):
        raise XclientError(reply(501, "5.5.4", attributes))
    _check(attributes, ipv6)
    client = session.client
    for name, value in attributes.items():
        gone = _GONE.get(value)
        match name:
            case "NAME":
                client.name, client.name_status = ("unknown", gone) if gone else (value, NameStatus.OK)
                client.reverse_name, client.reverse_name_status = client.name, client.name_status
            case "ADDR":
                client.address = "unknown" if gone else value
            case "PORT":
                client.port = "unknown" if gone else value
            case "HELO":
                session.helo_name = None if gone else _UNSAFE.sub("?", value)
            case "PROTO":
                session.protocol = value.upper()
            case "LOGIN":
                session.sasl_username = "" if gone else value
                session.sasl_method = "" if gone else "XCLIENT"
            case "DESTADDR":
                session.server_address = "" if gone else value
            case "DESTPORT":
                session.server_port = "" if gone else value
    if (reverse := attributes.get("REVERSE_NAME")) is not None:  # after NAME, which sets it, too
        gone = _GONE.get(reverse)
        client.reverse_name, client.reverse_name_status = ("unknown", gone) if gone else (reverse, NameStatus.OK)
    if "HELO" not in attributes:
        session.helo_name = None
    if "PROTO" not in attributes:
        session.protocol = "SMTP"
    session.trace.clear()  # it tells of this client, and no more of whoever introduced it


def _check(attributes: dict[str, str], ipv6: bool) -> None:
    """Addresses become normal ones, too."""
    for name, value in attributes.items():
        if value in _GONE:
            good = name != "PROTO" and (value == UNAVAILABLE or name in ("NAME", "REVERSE_NAME"))
        elif name in ("NAME", "REVERSE_NAME"):
            good = valid_hostname(value)
        elif name in ("ADDR", "DESTADDR"):
            address = normal_address(value, ipv6)
            good, attributes[name] = address is not None, address or _UNSAFE.sub("?", value)
        elif name in ("PORT", "DESTPORT"):
            good = value.isascii() and value.isdigit() and int(value) < 65536
        elif name == "PROTO":
            good = value.upper() in ("SMTP", "ESMTP")
        else:
            good = bool(value)
        if not good:
            raise XclientError(reply(501, "5.5.4", f"Bad {name} syntax: {attributes[name]}"))
