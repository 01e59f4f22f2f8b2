"""world - draw the DNS around a gateway: domains of every shape, clients, blocklists, and servers that fail."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.fuzz.draw import Draw, chance, many, pick, several
from harness.fuzz.vocabulary import (
    BLOCKLISTS,
    CLIENT_NAMES,
    CLIENTS,
    DEAD_LIST,
    DOMAINS,
    HOST_ADDRESSES,
    HOSTS,
    OURS,
    US,
    USERS,
)

# What a domain may look like: name -> its records, {d} stands for the domain.
SHAPES: dict[str, tuple[str, ...]] = {
    "address": ("{d}. A 203.0.113.80",),
    "mail": ("{d}. MX 10 mx1.hosts.test.", "{d}. MX 20 mx2.hosts.test.", "{d}. A 203.0.113.80"),
    "mail alone": ("{d}. MX 10 mx2.hosts.test.",),
    "servers": ("{d}. NS ns1.hosts.test.", "{d}. A 198.51.100.10"),
    "six": ("{d}. AAAA 2001:db8::25", "{d}. MX 5 six.hosts.test."),
    "no mail": ("{d}. MX 0 .",),
    "no mail, but an address": ("{d}. MX 0 .", "{d}. A 203.0.113.80"),
    "mail nowhere": ("{d}. MX 10 nowhere.hosts.test.",),
    "mail at a number": ("{d}. MX 10 203.0.113.99.",),
    "mail at no name": ("{d}. MX 10 -bad-.hosts.test.",),
    "alias": ("{d}. CNAME mx1.hosts.test.",),
    "alias of nothing": ("{d}. CNAME nowhere.hosts.test.",),
    "text only": ('{d}. TXT "nothing here"',),
    "absent": (),
    "broken": (),
    "broken MX": ("{d}. A 203.0.113.80",),
    "broken A": ("{d}. MX 10 mx1.hosts.test.",),
    "broken NS": ("{d}. A 203.0.113.80",),
    "backup": ("{d}. MX 10 mx1.hosts.test.", f"{{d}}. MX 20 {US}."),
    "primary": (f"{{d}}. MX 10 {US}.",),
    "broken backup": ("{d}. MX 10 dead.hosts.test.", f"{{d}}. MX 20 {US}."),
}
_BROKEN = {"broken": "any", "broken MX": "MX", "broken A": "A", "broken NS": "NS"}
_CODES = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.10", "127.0.1.2", "127.255.255.254")
_TEXTS = ("listed", "see http://bl.test/?ip=1", "100% spam $client {x}", "two  blanks", "x" * 260, "odd \u00e9 bytes")


@dataclass(frozen=True)
class DnsWorld:
    """Zone text, blocklists and faults, as a scenario writes them."""

    zone: tuple[str, ...]
    rbl: Mapping[str, Mapping[str, Mapping[str, Any]]]
    faults: tuple[Mapping[str, Any], ...]


def draw_world(draw: Draw) -> DnsWorld:
    """A world."""
    zone = [f"{host}. A {HOST_ADDRESSES[host]}" for host in HOSTS]
    zone += ["six.hosts.test. AAAA 2001:db8::25", f"{US}. A 127.0.0.1"]
    faults = [_servfail(f"*.{DEAD_LIST}", "any"), _servfail("dead.hosts.test", "any")]
    for domain in DOMAINS:
        shape = pick(draw, tuple(SHAPES))
        zone += [record.format(d=domain) for record in SHAPES[shape]]
        if shape in _BROKEN:
            faults.append(_servfail(domain, _BROKEN[shape]))
    for client in CLIENTS:
        zone += _client(client, pick(draw, _CLIENT_SHAPES))
    if chance(draw, 25):
        faults.append(_servfail(ipaddress.ip_address(pick(draw, CLIENTS)).reverse_pointer, "PTR"))
    if chance(draw, 25):
        faults.append(_servfail(CLIENT_NAMES[pick(draw, CLIENTS)], "any"))
    rbl: dict[str, dict[str, dict[str, Any]]] = {}
    names = (*DOMAINS, *CLIENT_NAMES.values())
    for listing in BLOCKLISTS:
        entries = several(draw, CLIENTS, 1, 5) + several(draw, names, 1, 6)
        rbl[listing] = {what: _listing(draw) for what in entries}
    return DnsWorld(tuple(zone), rbl, tuple(faults))


def draw_replies(draw: Draw) -> dict[str, str]:
    """What the next hop says to some of those whom it is to take."""
    if not chance(draw, 25):
        return {}
    said = ("550 5.1.1 nobody here", "450 4.2.0 come again", "554 no status", "421 4.3.0 closing", "452 4.2.2 full")
    users = [f"RCPT {pick(draw, USERS)}@{pick(draw, OURS)}" for _ in range(many(draw, 1, 4))]
    return {user: pick(draw, said[:2] if chance(draw, 80) else said) for user in users}


_CLIENT_SHAPES = ("sure", "sure", "sure", "no name", "no address", "another address", "two names")


def _client(address: str, shape: str) -> Iterator[str]:
    pointer, name = ipaddress.ip_address(address).reverse_pointer, CLIENT_NAMES[address]
    kind = "AAAA" if ":" in address else "A"
    if shape != "no name":
        yield f"{pointer}. PTR {name}."
    if shape == "two names":
        yield f"{pointer}. PTR other.{name}."
    if shape in ("sure", "two names") and name not in HOSTS:
        yield f"{name}. {kind} {address}"
    elif shape == "another address":
        yield f"{name}. A 203.0.113.250"


def _listing(draw: Draw) -> dict[str, Any]:
    made: dict[str, Any] = {"a": several(draw, _CODES, 1, 2)}
    if chance(draw, 60):
        made["txt"] = pick(draw, _TEXTS)
    return made


def _servfail(name: str, kind: str) -> dict[str, Any]:
    return {"match": {"name": name, "type": kind}, "do": {"rcode": "servfail"}}
