"""What the client's address, name, login and certificate say."""

from __future__ import annotations

import pytest

from harness.gateway.session import NameStatus

LIST = "smtpd_client_restrictions"


def permits(b, session) -> bool:
    """Does the element before `reject` permit?"""
    reply = b.rcpt(session)
    assert reply == "" or reply.endswith("Access denied"), reply
    return reply == ""


@pytest.mark.parametrize(
    ("networks", "address", "permitted"),
    [
        ("192.0.2.0/24", "192.0.2.7", True),
        ("192.0.2.0/24", "198.51.100.7", False),
        ("!192.0.2.7, 192.0.2.0/24", "192.0.2.7", False),
        ("[2001:db8::]/32", "2001:db8::1", True),
        ("static:all", "198.51.100.7", True),
    ],
)
def test_permit_mynetworks(bench, networks, address, permitted):
    b = bench({"mynetworks": networks, LIST: "permit_mynetworks, reject"})
    assert permits(b, b.session(address=address)) is permitted


def test_mynetworks_that_cannot_be_read_is_temporary_trouble(bench):
    b = bench({"mynetworks": "192.0.2.1/24", LIST: "permit_mynetworks"})
    assert b.rcpt() == "451 4.3.0 <mail.ok.test[192.0.2.7]>: Temporary lookup failure"


def test_permit_inet_interfaces(bench):
    b = bench({"inet_interfaces": "192.0.2.25", LIST: "permit_inet_interfaces, reject"})
    assert permits(b, b.session(address="192.0.2.25"))
    assert not permits(b, b.session(address="192.0.2.26"))


def test_permit_sasl_authenticated(bench):
    b = bench({"smtpd_sasl_auth_enable": "yes", LIST: "permit_sasl_authenticated, reject"})
    s = b.session()
    assert not permits(b, s)
    s.sasl_method, s.sasl_username = "PLAIN", "joe"
    assert permits(b, s)
    assert not permits(bench({LIST: "permit_sasl_authenticated, reject"}), s)


def test_login_is_not_logged_with_a_refusal(bench):
    b = bench({"smtpd_sasl_auth_enable": "yes", LIST: "reject"})
    s = b.session()
    s.sasl_method, s.sasl_username = "PLAIN", "joe"
    b.rcpt(s)
    assert b.log[0].endswith(" helo=<mail.ok.test>")


def test_permit_tls_clientcerts(bench):
    config = {"relay_clientcerts": "inline:{AA:BB=joe}", "smtpd_tls_ask_ccert": "yes"}
    b = bench(config | {LIST: "permit_tls_clientcerts, reject"})
    s = b.session()
    assert not permits(b, s)
    s.tls, s.tls_fingerprints = True, ("CC:DD", "AA:BB")
    assert permits(b, s)
    s.tls_fingerprints = ("CC:DD",)
    assert not permits(b, s)


def test_permit_tls_all_clientcerts_trusts_authorities(bench):
    b = bench({LIST: "permit_tls_all_clientcerts, reject", "smtpd_tls_ask_ccert": "yes"})
    s = b.session()
    s.tls, s.tls_fingerprints = True, ("CC:DD",)
    assert not permits(b, s)
    s.tls_trusted = True
    assert permits(b, s)


def test_certificates_that_are_not_asked_for_are_warned_about(bench):
    b = bench({LIST: "permit_tls_clientcerts"})
    s = b.session()
    s.tls = True
    assert b.rcpt(s) == ""
    assert b.log == ['warning: permit_tls_clientcerts is requested, but "smtpd_tls_ask_ccert = no"']


@pytest.mark.parametrize("element", ["reject_unknown_client_hostname", "reject_unknown_client"])
@pytest.mark.parametrize(
    ("status", "code", "reply"),
    [
        (NameStatus.OK, "450", None),
        (NameStatus.PERMANENT, "450", "450 4.7.25"),
        (NameStatus.PERMANENT, "550", "550 5.7.25"),
        (NameStatus.FORGED, "550", "550 5.7.25"),
        (NameStatus.TEMPORARY, "550", "450 4.7.25"),
    ],
)
def test_reject_unknown_client_hostname(bench, element, status, code, reply):
    b = bench({"unknown_client_reject_code": code, LIST: element})
    s = b.session(name="unknown")
    s.client.name_status = status
    expected = f"{reply} Client host rejected: cannot find your hostname, [192.0.2.7]" if reply else ""
    assert b.rcpt(s) == expected


@pytest.mark.parametrize(
    ("status", "reply"),
    [(NameStatus.OK, None), (NameStatus.PERMANENT, "550 5.7.1"), (NameStatus.TEMPORARY, "450 4.7.1")],
)
def test_reject_unknown_reverse_client_hostname(bench, status, reply):
    b = bench({"unknown_client_reject_code": "550", LIST: "reject_unknown_reverse_client_hostname"})
    s = b.session(name="unknown")
    s.client.reverse_name_status = status
    expected = f"{reply} Client host rejected: cannot find your reverse hostname, [192.0.2.7]" if reply else ""
    assert b.rcpt(s) == expected
