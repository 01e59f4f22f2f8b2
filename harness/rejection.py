"""rejection - a line in which smtpd turned something away: at which command, for which reason, because of whom.

The reason is what is left when everything that differs from mail to mail is taken out of the reply: that is what
pflogsumm counts by, and its figures are the ones to agree with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r".* \b(?:reject(?:_warning)?|hold|discard): (\S+) from (\S+?): (.*)", re.ASCII)
_ENVELOPE = re.compile(r"from=<([^>]+)>")
_RECIPIENTS = (
    re.compile(r"to=<([^>]+)>"),
    re.compile(r"\d{3} <([^>]+)>: User unknown ", re.ASCII),
    re.compile(r"to=<(.*?)(?:[, ]|$)"),
)
_QUOTED = re.compile(r"(\d{3} <).*?(>:)", re.ASCII)
_PROTOCOL = re.compile(r"\d{3} \d\.\d\.\d (Protocol error);.*", re.ASCII)
_LEAD = re.compile(r".*?[:;] (?:\[[^\]]+\] )?([^;,]+)[;,].*")
_ADDRESS = re.compile(r"((?:Sender|Recipient) address rejected: [^:]+):.*")
_BLOCKED = re.compile(r"(?:client|Client host|Sender address) .+? blocked")
_AT_MAIL = re.compile(r"\d{3} (?:<.+>: )?([^;:]+)[;:]?.*", re.ASCII)
_OTHERWISE = re.compile(r"(?:.*[:;] )?([^,]+).*")
_SPECIAL = (
    (re.compile(r".*?\d{3} (Improper use of SMTP command pipelining);.*", re.ASCII), r"\1"),
    (re.compile(r".*?\d{3} (Message size exceeds fixed limit);.*", re.ASCII), r"\1"),
    (re.compile(r".*?\d{3} (Server configuration (?:error|problem));.*", re.ASCII), r"(Local) \1"),
)
_NAMED = re.compile(r"([^\[]*)\[((?:\d{1,3}\.){3}\d{1,3})\]", re.ASCII)
_SLASHED = re.compile(r"([^/]*)/([0-9a-f.:]+)", re.IGNORECASE | re.ASCII)
_LOOSE = re.compile(r"([^\[(/]*)[\[(/]([^\])]+)[\])]:?\d*", re.ASCII)
_HOST = re.compile(r".*\.([^.]+)\.([^.]{3}|[^.]{2,3}\.[^.]{2})")


@dataclass(frozen=True, slots=True)
class Rejection:
    """`command` RCPT, MAIL, DATA, CONNECT, ...; `reason`; `because_of` a domain, an address or a client."""

    command: str
    reason: str
    because_of: str
    reply: str  # everything behind the client's name
    client: str  # name[address]


def rejection(whole: str) -> Rejection | None:
    """What a line says that was logged as reject, reject_warning, hold or discard; None for one of another form."""
    line = _LINE.fullmatch(whole)
    if line is None:
        return None
    command, client, reply = line[1], line[2], line[3]
    reason = _reason(command, reply)
    if reason.startswith("Sender address rejected:"):
        return Rejection(command, reason, _sender(reply), reply, client)
    if reason == "User unknown" or reason.startswith(("Recipient address rejected:", "User unknown ")):
        return Rejection(command, reason, _recipient(reply), reply, client)
    for at, (pattern, short) in enumerate(_SPECIAL):
        if pattern.match(reason):
            # pflogsumm ends a client's name at its first colon here: an IPv6 address is cut short.
            because = client.partition(":")[0] if at == 0 else host_of(client)
            return Rejection(command, pattern.sub(short, reason, count=1), because, reply, client)
    return Rejection(command, reason, host_of(client), reply, client)


def host_of(client: str) -> str:
    """`ok.com` of `mail.ok.com[192.0.2.7]`, the address of a client without a name.

    Only what ends in three letters, or in two behind two or three, is cut: so pflogsumm tells a host from a domain.
    """
    split = _NAMED.match(client) or _SLASHED.match(client) or _LOOSE.fullmatch(client)
    name, address = (split[1], split[2]) if split else ("", "")
    if name in ("", "unknown"):
        return address
    host = _HOST.fullmatch(name)
    return lower(f"{host[1]}.{host[2]}") if host else name


def lower(text: str) -> str:
    """ASCII letters only: a log may hold any byte."""
    return text.encode("latin-1", "replace").lower().decode("latin-1")


def _reason(command: str, reply: str) -> str:
    if command in ("RCPT", "DATA", "CONNECT"):
        # An address or a HELO name in angle brackets may hold anything, also what looks like the end of a reason.
        text = _QUOTED.sub(r"\1\2", reply, count=1) if _QUOTED.match(reply) else reply
        text = _PROTOCOL.sub(r"\1", text) if _PROTOCOL.fullmatch(text) else text
        text = _LEAD.sub(r"\1", text) if _LEAD.fullmatch(text) else text
        text = _ADDRESS.sub(r"\1", text) if _ADDRESS.fullmatch(text) else text
        return _BLOCKED.sub("blocked", text, count=1)
    pattern = _AT_MAIL if command == "MAIL" else _OTHERWISE
    found = pattern.fullmatch(reply)
    return found[1] if found else reply


def _sender(reply: str) -> str:
    found = _ENVELOPE.search(reply)
    return found[1] if found else "<>"


def _recipient(reply: str) -> str:
    return next((found[1] for pattern in _RECIPIENTS if (found := pattern.search(reply))), "<>")
