"""dnsbl - blocklists as zones: an address or a domain, listed with its codes and its text (RFC 5782)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network, ip_address, ip_network

from fakedns.record import DEFAULT_TTL, Record, text_data
from fakedns.wire import normal_name
from fakedns.zone import Zone

LISTED = ("127.0.0.2",)  # RFC 5782 2.1: the usual value


def reversed_address(address: str) -> str:
    """The labels under which a list (or in-addr.arpa, ip6.arpa) keeps an address: `7.2.0.192`, or 32 nibbles.

    Raises ValueError.  Source: RFC 5782 2.1, 2.4.
    """
    return ip_address(address).reverse_pointer.removesuffix(".arpa").removesuffix(".in-addr").removesuffix(".ip6")


def declare_list(zone: Zone, list_zone: str) -> None:
    """Make a blocklist part of the world, with all its test points: whatever is not listed is NXDOMAIN."""
    zone.declare(list_zone)
    test_points(zone, list_zone)


def list_address(
    zone: Zone,
    list_zone: str,
    address: str,
    codes: Sequence[str] = LISTED,
    text: str | None = None,
    ttl: int = DEFAULT_TTL,
) -> None:
    """List an IPv4 or IPv6 address, or an IPv4 network from /24 to /32, with its A records and perhaps a TXT.

    The last word on an address counts.  A code outside 127.0.0.0/8 is taken: lists that have gone wrong answer so
    (RFC 5782 2.1).  Raises ValueError for what is no address.
    """
    if "/" not in address:
        _enter(zone, list_zone, reversed_address(address), codes, text, ttl)
        return
    network = ip_network(address)
    if not isinstance(network, IPv4Network) or network.prefixlen < 24:
        raise ValueError(f"{address}: only IPv4 networks from /24 to /32 can be listed; write a wildcard in the zone")
    for one in network:
        _enter(zone, list_zone, reversed_address(str(one)), codes, text, ttl)


def list_name(
    zone: Zone,
    list_zone: str,
    domain: str,
    codes: Sequence[str] = LISTED,
    text: str | None = None,
    ttl: int = DEFAULT_TTL,
) -> None:
    """List a domain (`spam.test`), or all names below it (`*.spam.test`).  The last word on a name counts.

    Raises ValueError for what is no name, or no code.  Source: RFC 5782 2.3.
    """
    _enter(zone, list_zone, normal_name(domain), codes, text, ttl)


def test_points(
    zone: Zone, list_zone: str, *, ipv4: bool = True, ipv6: bool = True, names: bool = True, text: str | None = None
) -> None:
    """List the entries every working list has: 127.0.0.2, ::FFFF:7F00:2 and TEST (RFC 5782 section 5).

    Their opposites (127.0.0.1, ::FFFF:7F00:1, INVALID) must not be listed, and are forgotten if they are.
    """
    below = normal_name(list_zone)
    points = [("127.0.0.2", "127.0.0.1")] * ipv4 + [("::ffff:7f00:2", "::ffff:7f00:1")] * ipv6
    for listed, clean in points:
        list_address(zone, list_zone, listed, text=text)
        zone.remove(f"{reversed_address(clean)}.{below}")
    if names:
        list_name(zone, list_zone, "test", text=text)
        zone.remove(f"invalid.{below}")


test_points.__dict__["__test__"] = False  # it is no test, whatever pytest thinks of its name


def _enter(zone: Zone, list_zone: str, entry: str, codes: Sequence[str], text: str | None, ttl: int) -> None:
    if not codes:
        raise ValueError("a listing needs at least one code")
    for code in codes:
        try:
            IPv4Address(code)
        except AddressValueError:
            raise ValueError(f"{code!r} is not an IPv4 address") from None
    zone.declare(list_zone)
    name = f"{entry}.{normal_name(list_zone)}"
    zone.remove(name)
    for code in codes:
        zone.add(name, "A", code, ttl)
    if text is not None:
        zone.add_record(Record(name, "TXT", ttl, text_data([text.encode("utf-8", "surrogateescape")])))
