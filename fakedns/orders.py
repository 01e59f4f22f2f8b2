"""orders - what a running server can be told, and asked, in words: lists, records, faults, and what was asked of it.

An order is a row of words:

    query NAME [TYPE]             what it would answer (nothing is logged, no fault is used up)
    history [PATTERN]             what was asked, in order; `*` in the pattern stands for anything
    set list ZONE ENTRY [TEXT]    list an address, a /24 or smaller, or a domain
    set unlist ZONE ENTRY         list it no more, whatever file it came from
    set fault NAME[/TYPE]=WHAT    let something go wrong: servfail, silence, 200ms, truncate, wrong-id, no-edns, ...
    set mend NAME[/TYPE]          no more; a fault with a label is mended by its label
    set record NAME TYPE DATA     add a record
    set remove NAME               forget all records of a name
    set forget                    forget what was asked
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from ipaddress import IPv4Network, ip_address, ip_network

from fakedns.dnsbl import list_address, list_name, reversed_address
from fakedns.fault import Fault, Rcode, parse_fault
from fakedns.responder import Responder
from fakedns.wire import NXDOMAIN, normal_name, type_number
from fakedns.zone import Found, Looped, Missing, Outside, Zone


class OrderError(ValueError):
    """An order that cannot be carried out, and why."""


def obey(responder: Responder, words: Sequence[str]) -> list[str]:
    """Carry out one order; gives the lines to show.  Raises OrderError, and then nothing has changed."""
    known = _ORDERS
    name, *rest = words or [""]
    if name == "set":
        known, (name, *rest) = _CHANGES, rest or [""]
    order = known.get(name)
    if order is None:
        near = get_close_matches(name, [*known, *_ORDERS, "set"], n=1)
        raise OrderError(f"no order {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    least, most, uses = _WORDS[name]
    if not least <= len(rest) <= most:
        raise OrderError(f"{name} takes {uses}")
    try:
        return order(responder, *rest)
    except KeyError as error:
        raise OrderError(f"nothing is wrong with {error.args[0]!r}") from None
    except ValueError as error:  # of an address, a name, a record, a fault: it says itself what is wrong
        raise OrderError(f"{name}: {error}") from None


def _query(responder: Responder, name: str, rtype: str = "A") -> list[str]:
    type_number(rtype)
    found = responder.zone.lookup(normal_name(name), rtype.upper())
    broken = responder.faults.would(normal_name(name), rtype.upper())
    lines = [f"; a fault: {broken}"] if broken is not None else []
    match found:
        case Found(records, aliases):
            return [*lines, *map(str, (*aliases, *records))]
        case Missing(nxdomain):
            return [*lines, "; NXDOMAIN" if nxdomain else "; NODATA"]
        case Looped():
            return [*lines, "; SERVFAIL: aliases that never end"]
        case Outside(outside):
            return [*lines, f"; outside every zone: {outside}"]


def _history(responder: Responder, pattern: str = "*") -> list[str]:
    wanted = re.compile(".*".join(map(re.escape, pattern.lower().removesuffix(".").split("*"))))
    asked = (one for one in responder.log.entries if wanted.fullmatch(one.name))
    return [f"{one.transport} {one.name or '.'} {one.type} {one.outcome}" for one in asked]


def _list(responder: Responder, zone: str, entry: str, text: str | None = None) -> list[str]:
    for name in _names(zone, entry):  # an entry that was taken off its list is on it again
        responder.faults.end(name)
    (list_address if _is_address(entry) else list_name)(responder.zone, zone, entry, text=text)
    return [f"{entry} is listed in {zone}"]


def _unlist(responder: Responder, zone: str, entry: str) -> list[str]:
    names = _names(zone, entry)
    gone = Rcode(NXDOMAIN)
    if not any(_exists(responder.zone, name) and responder.faults.would(name, "A") != gone for name in names):
        raise OrderError(f"{entry} is not listed in {zone}")
    for name in names:
        responder.zone.remove(name)
        if _exists(responder.zone, name):  # by a data set, or a wildcard, which stays as it is
            responder.faults.begin(Fault(name, "any", gone))
    return [f"{entry} is not listed in {zone} any more"]


def _fault(responder: Responder, written: str) -> list[str]:
    fault = parse_fault(written)
    responder.faults.begin(fault)
    return [f"{fault.pattern} {fault.rtype}: {fault.action}"]


def _mend(responder: Responder, written: str) -> list[str]:
    name, _, rtype = written.partition("/")
    if responder.faults.end(normal_name(name), rtype or "any"):
        return [f"{written} works again"]
    responder.faults.turn(written, False)
    return [f"{written} works again"]


def _record(responder: Responder, name: str, rtype: str, *data: str) -> list[str]:
    responder.zone.add(name, rtype, " ".join(data))
    return [f"{name} has another {rtype.upper()}"]


def _remove(responder: Responder, name: str) -> list[str]:
    if not _exists(responder.zone, normal_name(name)):
        raise OrderError(f"{name} has no records")
    responder.zone.remove(name)
    return [f"{name} has no records any more"]


def _forget(responder: Responder) -> list[str]:
    count = len(responder.log.entries)
    responder.log.clear()
    return [f"{count} questions forgotten"]


_ORDERS: dict[str, Callable[..., list[str]]] = {"query": _query, "history": _history}
_CHANGES: dict[str, Callable[..., list[str]]] = {
    "list": _list, "unlist": _unlist, "fault": _fault, "mend": _mend, "record": _record, "remove": _remove,
    "forget": _forget,
}  # fmt: skip
_WORDS = {  # how many words at least, at most, and which
    "query": (1, 2, "NAME [TYPE]"), "history": (0, 1, "[PATTERN]"), "list": (2, 3, "ZONE ENTRY [TEXT]"),
    "unlist": (2, 2, "ZONE ENTRY"), "fault": (1, 1, "NAME[/TYPE]=WHAT"), "mend": (1, 1, "NAME[/TYPE]"),
    "record": (3, 99, "NAME TYPE DATA"), "remove": (1, 1, "NAME"), "forget": (0, 0, "nothing more"),
}  # fmt: skip


def _names(zone: str, entry: str) -> list[str]:
    """The names at which an entry of a list stands."""
    below = normal_name(zone)
    if not _is_address(entry):
        return [f"{normal_name(entry)}.{below}"]
    if "/" not in entry:
        return [f"{reversed_address(entry)}.{below}"]
    network = ip_network(entry)
    if not isinstance(network, IPv4Network) or network.prefixlen < 24:
        raise ValueError(f"{entry}: only IPv4 networks from /24 to /32")
    return [f"{reversed_address(str(one))}.{below}" for one in network]


def _exists(zone: Zone, name: str) -> bool:
    return isinstance(zone.lookup(name, "ANY"), Found)


def _is_address(entry: str) -> bool:
    try:
        ip_address(entry.partition("/")[0])
    except ValueError:
        return False
    return True
