"""What the client calls itself."""

from __future__ import annotations

import pytest

LIST = "smtpd_helo_restrictions"


def helo(b, name: str) -> str:
    """The reply without the part about who it is about."""
    return b.rcpt(b.session(helo=name)).replace(f"<{name}>: Helo command rejected: ", "")


@pytest.mark.parametrize("element", ["reject_invalid_helo_hostname", "reject_invalid_hostname"])
@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("mail.ok.test", ""),
        ("mail.ok.test.", ""),
        ("localhost", ""),
        ("192.0.2.1", ""),
        ("[192.0.2.1]", ""),
        ("[IPv6:2001:db8::1]", ""),
        ("foo bar", "501 5.5.2 Invalid name"),
        ("-x.test", "501 5.5.2 Invalid name"),
        ("x..test", "501 5.5.2 Invalid name"),
        ("12345", "501 5.5.2 Invalid name"),
        ("[300.0.2.1]", "501 5.5.2 invalid ip address"),
        ("[mail.ok.test]", "501 5.5.2 invalid ip address"),
    ],
)
def test_reject_invalid_helo_hostname(bench, element, name, reply):
    assert helo(bench({LIST: element}), name) == reply


@pytest.mark.parametrize("element", ["reject_non_fqdn_helo_hostname", "reject_non_fqdn_hostname"])
@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("mail.ok.test", ""),
        ("mail.ok.test.", ""),
        ("localhost", "504 5.5.2 need fully-qualified hostname"),
        ("localhost.", "504 5.5.2 need fully-qualified hostname"),
        ("192.0.2.1", "504 5.5.2 need fully-qualified hostname"),
        ("[192.0.2.1]", ""),
        ("[x]", "501 5.5.2 invalid ip address"),
    ],
)
def test_reject_non_fqdn_helo_hostname(bench, element, name, reply):
    assert helo(bench({LIST: element}), name) == reply


@pytest.mark.parametrize("element", ["reject_unknown_helo_hostname", "reject_unknown_hostname"])
@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("a.test", ""),
        ("aaaa.test", ""),
        ("mx.test", ""),
        ("nullmx.test", ""),
        ("[192.0.2.1]", ""),
        ("none.test", "450 4.7.1 Host not found"),
        ("a.test.", "450 4.7.1 Host not found"),  # no valid name, so DNS is not even asked
        ("late.test", "450 4.7.1 Host not found"),
        ("badmx.test", "450 4.7.1 Malformed DNS server reply"),
    ],
)
def test_reject_unknown_helo_hostname(bench, element, name, reply):
    dns = {
        "a.test A": ["192.0.2.9"],
        "aaaa.test AAAA": ["2001:db8::9"],
        "mx.test MX": ["10 a.test"],
        "nullmx.test MX": ["0 "],
        "late.test *": "servfail",
        "badmx.test MX": ["10 bad_name-"],
    }
    assert helo(bench({LIST: element}, dns), name) == reply


def test_temporary_trouble_ignores_the_code_and_obeys_the_action(bench):
    config = {"unknown_hostname_reject_code": "550", LIST: "reject_unknown_helo_hostname, reject"}
    dns = {"late.test *": "servfail"}
    assert helo(bench(config, dns), "none.test") == "550 5.7.1 Host not found"
    assert helo(bench(config, dns), "late.test") == "554 5.7.1 Access denied"
    config["unknown_helo_hostname_tempfail_action"] = "defer"
    assert helo(bench(config, dns), "late.test") == "450 4.7.1 Host not found"


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("192.0.2.1", ""),
        ("[192.0.2.1]", "554 5.7.1 Access denied"),  # not naked
        ("fe80::1", "554 5.7.1 Access denied"),
        ("::1", "501 5.5.2 invalid ip address"),
        ("300.0.2.1", "501 5.5.2 invalid ip address"),
        ("mail.ok.test", "554 5.7.1 Access denied"),
    ],
)
def test_permit_naked_ip_address(bench, name, reply):
    b = bench({LIST: "permit_naked_ip_address, reject"})
    assert helo(b, name) == reply
    assert b.log[0].startswith("warning: restriction permit_naked_ip_address is deprecated.")


def test_without_helo_nothing_is_asked(bench):
    elements = "reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, reject_unknown_helo_hostname"
    b = bench({"smtpd_client_restrictions": f"{elements}, check_helo_access static:REJECT, reject_rhsbl_helo x.test"})
    assert b.rcpt(b.session(helo=None)) == ""
    assert b.world.asked == []
