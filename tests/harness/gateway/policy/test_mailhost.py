"""Several DNS answers weighed together, and names that are not asked about."""

from __future__ import annotations

import asyncio

import pytest

from harness.gateway.policy.mailhost import Status, accepts_mail, addresses, ask, exists, to_ascii
from harness.gateway.policy.restriction import View


def look(bench, dns, what, *arguments):
    b = bench({"inet_protocols": "all"}, dns)
    view = View(b.session(), b.policy.known, "x", "Client host", None)
    return asyncio.run(what(view, *arguments)), b


@pytest.mark.parametrize(
    ("dns", "mail", "host"),
    [
        ({}, Status.NOTFOUND, Status.NOTFOUND),
        ({"d.test A": ["192.0.2.1"]}, Status.OK, Status.OK),
        ({"d.test MX": ["0 "]}, Status.NULLMX, Status.NULLMX),
        ({"d.test MX": "servfail"}, Status.RETRY, Status.RETRY),
        ({"d.test A": "servfail"}, Status.RETRY, Status.RETRY),
        ({"d.test MX": "servfail", "d.test AAAA": ["2001:db8::1"]}, Status.OK, Status.OK),
        ({"d.test MX": ["0 -bad"], "d.test A": "servfail"}, Status.INVALID, Status.RETRY),
        ({"d.test MX": ["0 "], "d.test A": "servfail"}, Status.NULLMX, Status.RETRY),
        ({"d.test MX": "formerr"}, Status.FAIL, Status.FAIL),
    ],
)
def test_weightiest_answer_wins(bench, dns, mail, host):
    assert look(bench, dns, accepts_mail, "d.test")[0] is mail
    assert look(bench, dns, exists, "d.test")[0] is host


@pytest.mark.parametrize("name", ["d.test.", "-bad", "192.0.2.1", "[192.0.2.1]", "", "a b"])
def test_what_is_no_name_is_not_asked_about(bench, name):
    reply, b = look(bench, {}, ask, name, "A")
    assert reply.status is Status.NOTFOUND
    assert b.world.asked == []


def test_odd_targets_are_warned_about(bench):
    reply, b = look(bench, {"d.test MX": ["1 192.0.2.1", "2 -bad", "3 ok.test"]}, ask, "d.test", "MX")
    assert [record.data for record in reply.records] == ["192.0.2.1", "ok.test"]
    assert b.log == [
        "warning: numeric domain name in resource data of MX record for d.test: 192.0.2.1",
        "warning: malformed domain name in resource data of MX record for d.test: -bad",
    ]


@pytest.mark.parametrize(
    ("dns", "found", "why"),
    [
        ({"d.test A": ["192.0.2.1"], "d.test AAAA": ["2001:db8::1"]}, ("192.0.2.1", "2001:db8::1"), ""),
        ({"d.test *": "servfail"}, (), "Temporary failure in name resolution"),
        ({"d.test TXT": ["x"]}, (), "No address associated with hostname"),
        ({}, (), "Name or service not known"),
    ],
)
def test_addresses_of_a_host(bench, dns, found, why):
    assert look(bench, dns, addresses, "d.test")[0] == (found, why)


def test_domain_in_ascii():
    assert to_ascii("bücher.test") == "xn--bcher-kva.test"
    assert to_ascii("ok.test") == "ok.test"
