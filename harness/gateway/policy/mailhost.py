"""mailhost - DNS as the restrictions ask it: one question, with scruples, or several weighed together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from harness.gateway.dns import Failed, Found, Missing, Record
from harness.gateway.policy.restriction import View
from harness.smtp.hostname import valid_hostaddr, valid_hostname

HOST_NOT_FOUND = "Host not found"
NO_DATA = "Host found but no data record of requested type"
TRY_AGAIN = "Host not found, try again"
NO_RECOVERY = "Non-recoverable error"
MALFORMED = "Malformed or unexpected name server reply"

_WITH_TARGET = ("MX", "NS", "CNAME")


class Status(IntEnum):
    """What came of a question, the weightier the greater (dns.h)."""

    NOTFOUND = -5
    NULLMX = -4
    FAIL = -3
    INVALID = -2
    RETRY = -1
    OK = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """One question answered: the status, the good records, and the reason in Postfix's words where there are none."""

    status: Status
    records: tuple[Record, ...] = ()
    why: str = ""


async def ask(view: View, name: str, rtype: str) -> Reply:
    """Records of one type at a name.

    A name that is no host name does not exist, and DNS is not asked.  MX and NS records that point to no host name
    are left out; if none is left the reply is INVALID, and any empty MX target makes it NULLMX (RFC 7505).
    Source: dns_lookup(3).
    """
    if not name.isascii():
        name = to_ascii(name)
    if not valid_hostname(name):
        return Reply(Status.NOTFOUND, why=HOST_NOT_FOUND)
    match await view.session.dns.lookup(name, rtype):
        case Missing(nxdomain):
            return Reply(Status.NOTFOUND, why=HOST_NOT_FOUND if nxdomain else NO_DATA)
        case Failed(reason):
            if "formerr" in reason.lower():
                return Reply(Status.FAIL, why=NO_RECOVERY)
            return Reply(Status.RETRY, why=TRY_AGAIN)
        case Found(records):
            if rtype not in _WITH_TARGET:
                return Reply(Status.OK, records)
            return _scrutinise(view, name, rtype, records)


def _scrutinise(view: View, name: str, rtype: str, records: tuple[Record, ...]) -> Reply:
    good = []
    for record in records:
        target = record.data.rstrip(".") if record.data != "." else ""
        if not target and rtype == "MX":
            return Reply(Status.NULLMX, why="Domain has no mail service (RFC 7505)")
        if valid_hostaddr(target):
            view.warn(f"numeric domain name in resource data of {rtype} record for {name}: {target}")
        elif not valid_hostname(target):
            view.warn(f"malformed domain name in resource data of {rtype} record for {name}: {target}")
            continue
        good.append(record)
    return Reply(Status.OK, tuple(good)) if good else Reply(Status.INVALID, why=MALFORMED)


async def accepts_mail(view: View, domain: str) -> Status:
    """May this domain get mail: MX, else A or AAAA?  The weightiest status; a bad or null MX settles it."""
    worst = Status.NOTFOUND
    for rtype in ("MX", "A", "AAAA"):
        status = (await ask(view, domain, rtype)).status
        if status in (Status.OK, Status.INVALID, Status.NULLMX):
            return status
        worst = max(worst, status)
    return worst


async def exists(view: View, name: str) -> Status:
    """Has this host name an address, or an MX?  The weightiest status; the first OK settles it."""
    worst = Status.NOTFOUND
    for rtype in ("A", "AAAA", "MX"):
        status = (await ask(view, name, rtype)).status
        if status is Status.OK:
            return status
        worst = max(worst, status)
    return worst


async def addresses(view: View, host: str) -> tuple[tuple[str, ...], str]:
    """The addresses of a host, IPv4 first, as inet_protocols allows; or none, and getaddrinfo(3)'s words for why."""
    if valid_hostaddr(host):
        return (host,), ""
    if host.lower() == "localhost":  # of /etc/hosts, everywhere (RFC 6761 6.3)
        return ("127.0.0.1",), ""
    found: list[str] = []
    statuses: list[Reply] = []
    known = view.known
    for rtype, wanted in (("A", known.ipv4), ("AAAA", known.ipv6)):
        if wanted:
            reply = await ask(view, host.removesuffix("."), rtype)  # getaddrinfo(3) knows what a final dot means
            statuses.append(reply)
            found.extend(record.data for record in reply.records)
    if found:
        return tuple(found), ""
    if any(reply.status is Status.RETRY for reply in statuses):
        return (), "Temporary failure in name resolution"
    if any(reply.status is Status.FAIL for reply in statuses):
        return (), "Non-recoverable failure in name resolution"
    if any(reply.why == NO_DATA for reply in statuses):
        return (), "No address associated with hostname"
    return (), "Name or service not known"


def to_ascii(domain: str) -> str:
    """The domain in ASCII (RFC 3490), or as it is if it has no such form."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
