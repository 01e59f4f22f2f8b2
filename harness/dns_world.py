"""dns_world - the `dns:` part of a scenario -> a fakedns zone, its faults, and the names of the clients in it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import fakedns
from harness.corpus.find import find
from harness.errors import ScenarioError
from harness.replay.script import duration
from harness.scenario import Dns, Fault, FaultDo, Listing

UNAVAILABLE, TEMPUNAVAIL = "[UNAVAILABLE]", "[TEMPUNAVAIL]"  # as XCLIENT spells them

_RCODES = {"formerr": 1, "servfail": 2, "nxdomain": 3, "notimp": 4, "refused": 5}


def zone_of(dns: Dns, scenario: Path, first_line: int = 1) -> fakedns.Zone:
    """The declared world: zone files, zone text, blocklists with their test points.

    Raises ScenarioError with the line of the scenario (or the zone file) that is wrong.
    """
    zone = fakedns.Zone()
    for name in dns.zones:
        path = find(name, scenario)
        _parse(path.read_text("utf-8"), str(path), 1, zone)
    if dns.zone:
        _parse(dns.zone, str(scenario), first_line, zone)
    for list_zone, listings in dns.rbl.items():
        fakedns.declare_list(zone, list_zone)
        for what, listing in listings.items():
            codes = [listing.a] if isinstance(listing.a, str) else listing.a
            try:
                if _is_address(what):
                    fakedns.list_address(zone, list_zone, what, codes=codes, text=listing.txt)
                else:
                    fakedns.list_name(zone, list_zone, what, codes=codes, text=listing.txt)
            except ValueError as error:
                raise ScenarioError(f"rbl {list_zone}: {what}: {error}") from None
    return zone


def faults_of(dns: Dns) -> tuple[fakedns.Fault, ...]:
    """The faults as fakedns knows them, in order.  Raises ScenarioError for a delay that is none."""
    return tuple(
        fakedns.Fault(
            f.match.name, f.match.type, _action(f.do, f.match.name), f.during, f.id, f.off, f.times, f.skip, f.every
        )
        for f in dns.faults
    )


def client_names(address: str, zone: fakedns.Zone, faults: Sequence[Fault]) -> tuple[str, str]:
    """(verified name, PTR name) of a client, as smtpd_peer.c finds them; XCLIENT's words where there is none.

    The verified name needs a PTR whose name has this very address; a broken PTR is a temporary failure.
    """
    reverse = ipaddress.ip_address(address).reverse_pointer
    if _broken(reverse, "PTR", faults):
        return TEMPUNAVAIL, TEMPUNAVAIL
    names = _records(zone, reverse, "PTR")
    if not names:
        return UNAVAILABLE, UNAVAILABLE
    kind = "AAAA" if ":" in address else "A"
    if _broken(names[0], kind, faults):
        return TEMPUNAVAIL, names[0]
    forward = _records(zone, names[0], kind)
    same = any(ipaddress.ip_address(found) == ipaddress.ip_address(address) for found in forward)
    return (names[0] if same else UNAVAILABLE), names[0]


def _parse(text: str, file: str, first_line: int, zone: fakedns.Zone) -> None:
    try:
        fakedns.parse_zone(text, file, zone)
    except fakedns.ZoneError as error:
        raise ScenarioError(error.what, file=error.file, line=(error.line or 1) + first_line - 1) from None


def _action(do: FaultDo, pattern: str) -> fakedns.Action:
    if do.rcode is not None:
        return fakedns.Rcode(_RCODES[do.rcode])
    if do.delay is not None:
        return fakedns.Delay(duration(do.delay))
    if do.silence:
        return fakedns.Silence()
    if do.truncate:
        return fakedns.Truncate()
    if do.answer is not None:
        return fakedns.Answer(tuple(_listed(do.answer)))
    if do.wrong_id:
        return fakedns.WrongId()
    if do.no_edns:
        return fakedns.NoEdns()
    if do.forged is not None:
        return fakedns.Forged(fakedns.Answer(tuple(_listed(do.forged))))
    raise ScenarioError(f"fault for {pattern}: takes one of {', '.join(vars(do))}")


def _listed(listing: Listing) -> list[tuple[str, str]]:
    codes = [listing.a] if isinstance(listing.a, str) else listing.a
    return [*(("A", code) for code in codes), *([("TXT", listing.txt)] if listing.txt is not None else [])]


def _broken(name: str, rtype: str, faults: Sequence[Fault]) -> bool:
    for fault in faults:
        asked = fault.match.type.upper() in (rtype, "ANY")
        if fault.off or fault.times or fault.skip or fault.every > 1:
            continue  # it passes; the client is known by its name
        if asked and fnmatchcase(name.lower(), fault.match.name.lower().rstrip(".")):
            return bool(fault.do.rcode in ("servfail", "refused") or fault.do.silence)
    return False


def _records(zone: fakedns.Zone, name: str, rtype: str) -> list[str]:
    answer = zone.lookup(name, rtype)
    return [record.data.rstrip(".") for record in answer.records] if isinstance(answer, fakedns.Found) else []


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
