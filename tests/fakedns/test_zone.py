"""zone: exact names, wildcards, CNAMEs, and the two kinds of no."""

from __future__ import annotations

import pytest

from fakedns import Found, Looped, Missing, Outside, Zone, ZoneError, parse_zone

WORLD = parse_zone(
    """
ok.test.          MX    10 mail.ok.test.
mail.ok.test.     A     192.0.2.8
alias.ok.test.    CNAME mail.ok.test.
loop.ok.test.     CNAME pool.ok.test.
pool.ok.test.     CNAME loop.ok.test.
away.ok.test.     CNAME www.example.com.
*.wild.test.      A     192.0.2.9
deep.a.wild.test. TXT   "x"
8.2.0.192.in-addr.arpa. PTR mail.ok.test.
"""
)


def found(name: str, rtype: str) -> list[str]:
    answer = WORLD.lookup(name, rtype)
    assert isinstance(answer, Found), answer
    return [record.data for record in answer.records]


def test_exact_names_in_any_case() -> None:
    assert found("OK.test.", "MX") == ["mail.ok.test"]
    assert found("8.2.0.192.in-addr.arpa", "PTR") == ["mail.ok.test"]


def test_an_alias_is_followed() -> None:
    assert found("alias.ok.test", "A") == ["192.0.2.8"]
    assert isinstance(WORLD.lookup("loop.ok.test", "A"), Looped)
    assert WORLD.lookup("away.ok.test", "A") == Outside("www.example.com")


@pytest.mark.parametrize(
    ("name", "rtype", "nxdomain"),
    [
        ("nosuch.test", "A", True),
        ("ok.test", "A", False),
        ("test", "MX", False),
        ("2.0.192.in-addr.arpa", "PTR", False),
        ("9.2.0.192.in-addr.arpa", "PTR", True),
        ("a.wild.test", "A", False),  # an empty non-terminal stops the wildcard (RFC 4592 2.2.2)
        ("x.a.wild.test", "A", True),
        ("b.wild.test", "MX", False),
    ],
)
def test_no_is_nxdomain_or_nodata(name: str, rtype: str, nxdomain: bool) -> None:
    answer = WORLD.lookup(name, rtype)
    assert isinstance(answer, Missing)
    assert answer.nxdomain is nxdomain
    assert answer.soa.type == "SOA"


def test_a_wildcard_answers_for_names_that_are_not_there() -> None:
    assert found("b.wild.test", "A") == found("c.b.wild.test", "A") == ["192.0.2.9"]


@pytest.mark.parametrize("name", ["example.com", "7.3.0.192.in-addr.arpa", "a" * 64, "com"])
def test_the_rest_is_outside(name: str) -> None:
    assert isinstance(WORLD.lookup(name, "A"), Outside)


def test_an_soa_draws_the_boundary_closer() -> None:
    zone = parse_zone("ok.test. SOA ns.ok.test. h.ok.test. 1 2 3 4 5\nok.test. A 192.0.2.1")
    assert isinstance(zone.lookup("x.ok.test", "A"), Missing)
    assert isinstance(zone.lookup("other.test", "A"), Outside)


def test_a_cname_stands_alone() -> None:
    zone = Zone()
    zone.add("a.test", "CNAME", "b.test")
    with pytest.raises(ZoneError, match="stands alone"):
        zone.add("a.test", "A", "192.0.2.1")


def test_merged_zones_answer_for_both() -> None:
    zone, other = Zone(), Zone()
    zone.add("a.test", "A", "192.0.2.1")
    other.declare("rbl.example")
    zone.merge(other)
    assert isinstance(zone.lookup("x.rbl.example", "A"), Missing)
