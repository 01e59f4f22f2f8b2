"""rbl: what counts as listed, and that silence never does."""

from __future__ import annotations

import asyncio

import pytest

from harness.gateway.content.rbl import ask_sites, rbl_site
from harness.gateway.dns import Answer, Failed, Found, Missing, Record
from harness.gateway.rule import default_rule

RULE = default_rule("rbl_site")


class Says:
    """A resolver with one answer for everything."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, list[str]()

    async def lookup(self, name: str, rtype: str) -> Answer:
        self.asked.append(f"{name} {rtype}")
        return self.answer


def found(*addresses: str) -> Found:
    return Found(tuple(Record("x", "A", address) for address in addresses))


@pytest.mark.parametrize(
    ("site", "answer", "listed"),
    [
        ("rbl.test", found("127.0.0.2"), True),
        ("rbl.test", found("127.0.0.4", "127.0.0.10"), True),
        ("rbl.test", found("192.0.2.1"), False),  # a parked domain, a resolver that lies
        ("rbl.test", found("192.0.2.1", "127.0.0.3"), True),
        ("rbl.test", found("127.255.255.254"), False),  # the operator refuses to answer
        ("rbl.test=127.255.255.254", found("127.255.255.254"), True),
        ("rbl.test=127.0.0.2", found("127.0.0.3"), False),
        ("rbl.test=127.0.0.[2..4;9]", found("127.0.0.3"), True),
        ("rbl.test", Missing(True), False),
        ("rbl.test", Missing(False), False),
        ("rbl.test", Failed("SERVFAIL"), False),
    ],
    ids=str,
)
def test_what_is_listed(site: str, answer: Answer, listed: bool) -> None:
    resolver = Says(answer)
    (one,) = asyncio.run(ask_sites((rbl_site(site, RULE),), "192.0.2.7", resolver, lambda: True))
    assert one.listed is listed and resolver.asked == ["7.2.0.192.rbl.test A"]
    assert ("not listed" in one.said) is not listed


def test_ipv6_is_asked_by_nibbles_and_no_address_is_not_asked() -> None:
    resolver = Says(Missing(True))
    asyncio.run(ask_sites((rbl_site("rbl.test", RULE),), "2001:db8::1", resolver, lambda: True))
    assert resolver.asked == ["1." + "0." * 23 + "8.b.d.0.1.0.0.2.rbl.test A"]
    assert asyncio.run(ask_sites((rbl_site("rbl.test", RULE),), "unknown", resolver, lambda: True)) == []


def test_a_site_is_not_asked_once_the_time_is_over() -> None:
    resolver = Says(found("127.0.0.2"))
    (one,) = asyncio.run(ask_sites((rbl_site("rbl.test", RULE),), "192.0.2.7", resolver, lambda: False))
    assert not one.listed and not resolver.asked and "rbl_timeout_s" in one.said


def test_the_first_that_lists_it_is_the_last_that_is_asked() -> None:
    resolver = Says(found("127.0.0.2"))
    sites = (rbl_site("a.test=127.0.0.9", RULE), rbl_site("b.test", RULE), rbl_site("c.test", RULE))
    assert [one.listed for one in asyncio.run(ask_sites(sites, "192.0.2.7", resolver, lambda: True))] == [False, True]


def test_a_bad_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="four octets"):
        rbl_site("rbl.test=127.0.0", RULE)
