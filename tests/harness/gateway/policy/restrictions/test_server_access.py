"""check_*_{a,mx,ns}_access: the hosts behind a name, and their addresses."""

from __future__ import annotations

import pytest

LIST = "smtpd_client_restrictions"

DNS = {
    "good.test MX": ["10 mx1.host.test", "20 mx2.host.test"],
    "good.test NS": ["ns1.host.test"],
    "good.test A": ["192.0.2.80"],
    "nomx.test A": ["192.0.2.81"],
    "nullmx.test MX": ["0 "],
    "late.test *": "servfail",
    "mx1.host.test A": ["198.51.100.1"],
    "mx2.host.test A": ["198.51.100.2"],
    "mx2.host.test AAAA": ["2001:db8::2"],
    "ns1.host.test A": ["198.51.100.9"],
    "mail.ok.test A": ["192.0.2.7"],
    "mail.ok.test MX": ["10 mx1.host.test"],
    "ok.test NS": ["ns1.host.test"],
}


def asked(b, sender: str) -> str:
    return b.rcpt(b.session(sender=sender)).rpartition("rejected: ")[2]


@pytest.mark.parametrize(
    ("rtype", "sender", "entry", "answer"),
    [
        ("mx", "a@good.test", "mx1.host.test", "found"),
        ("mx", "a@good.test", "host.test", "found"),
        ("mx", "a@good.test", "198.51.100.2", "found"),
        ("mx", "a@good.test", "198.51.100", "found"),
        ("mx", "a@good.test", "2001:db8::2", "found"),
        ("mx", "a@good.test", "192.0.2.80", ""),
        ("mx", "a@nomx.test", "192.0.2.81", "found"),  # without MX a domain is its own
        ("mx", "a@nomx.test", "nomx.test", "found"),
        ("mx", "a@nullmx.test", "nullmx.test", ""),
        ("mx", "a@late.test", "late.test", ""),
        ("mx", "a@[192.0.2.5]", "192.0.2.5", "found"),
        ("mx", "a@[192.0.2.5]", "192.0.2", "found"),
        ("mx", "", "good.test", ""),
        ("a", "a@good.test", "192.0.2.80", "found"),
        ("a", "a@good.test", "good.test", ""),  # addresses only
        ("a", "a@good.test.", "192.0.2.80", "found"),
        ("mx", "a@good.test.", "host.test", ""),  # but no valid name to ask MX records of
        ("a", "a@[192.0.2.5]", "192.0.2.5", "found"),
        ("ns", "a@good.test", "ns1.host.test", "found"),
        ("ns", "a@www.good.test", "198.51.100.9", "found"),  # those of the parent
        ("ns", "a@[192.0.2.5]", "192.0.2.5", ""),
        ("ns", "a@late.test", "late.test", ""),
    ],
)
def test_check_sender_server_access(bench, rtype, sender, entry, answer):
    files = {"access": f"{entry} 550 found\n"}
    b = bench({LIST: f"check_sender_{rtype}_access texthash:/etc/postfix/access"}, DNS, files)
    assert asked(b, sender) == answer


@pytest.mark.parametrize(
    ("element", "who"),
    [
        ("check_client_a_access", "<mail.ok.test[192.0.2.7]>: Client host"),
        ("check_client_mx_access", "<mail.ok.test[192.0.2.7]>: Client host"),
        ("check_client_ns_access", "<mail.ok.test[192.0.2.7]>: Client host"),
        ("check_reverse_client_hostname_a_access", "<mail.ok.test>: Unverified Client host"),
        ("check_reverse_client_hostname_mx_access", "<mail.ok.test>: Unverified Client host"),
        ("check_reverse_client_hostname_ns_access", "<mail.ok.test>: Unverified Client host"),
        ("check_helo_a_access", "<mail.ok.test>: Helo command"),
        ("check_helo_mx_access", "<mail.ok.test>: Helo command"),
        ("check_helo_ns_access", "<mail.ok.test>: Helo command"),
        ("check_sender_a_access", "<a@good.test>: Sender address"),
        ("check_sender_mx_access", "<a@good.test>: Sender address"),
        ("check_sender_ns_access", "<a@good.test>: Sender address"),
        ("check_recipient_a_access", "<u@mail.ok.test>: Recipient address"),
        ("check_recipient_mx_access", "<u@mail.ok.test>: Recipient address"),
        ("check_recipient_ns_access", "<u@mail.ok.test>: Recipient address"),
    ],
)
def test_every_subject_and_type(bench, element, who):
    b = bench({LIST: f"{element} static:REJECT"}, DNS)
    assert b.rcpt(recipient="u@mail.ok.test") == f"554 5.7.1 {who} rejected: Access denied"
    b = bench({LIST: f"{element} static:OK"}, DNS)
    assert b.rcpt(recipient="u@mail.ok.test") == "451 4.3.5 Server configuration error"


def test_unknown_client_has_no_servers(bench):
    b = bench({LIST: "check_client_mx_access static:REJECT, check_reverse_client_hostname_a_access static:REJECT"}, DNS)
    assert b.rcpt(b.session(name="unknown")) == ""
    assert b.world.asked == []


def test_dns_trouble_is_a_warning(bench):
    b = bench({LIST: "check_sender_mx_access static:REJECT"}, DNS)
    assert asked(b, "a@late.test") == ""
    assert b.log == ["warning: Unable to look up MX host for late.test: Host not found, try again"]


def test_host_that_does_not_resolve_is_a_warning(bench):
    b = bench({LIST: "check_sender_mx_access inline:{x=y}"}, {"lost.test MX": ["10 gone.test"]})
    assert asked(b, "a@lost.test") == ""
    assert b.log == [
        "warning: Unable to look up MX host gone.test for Sender address a@lost.test: Name or service not known"
    ]


def test_discard_is_no_forbidden_ok(bench):
    b = bench({LIST: "check_sender_mx_access static:DISCARD"}, DNS)
    assert b.rcpt() == ""
