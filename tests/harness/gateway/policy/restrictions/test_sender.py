"""What the envelope sender says, and who may say it."""

from __future__ import annotations

import pytest

LIST = "smtpd_sender_restrictions"

DNS = {
    "mx.test MX": ["10 host.test"],
    "a.test A": ["192.0.2.9"],
    "aaaa.test AAAA": ["2001:db8::9"],
    "txt.test TXT": ["no mail"],
    "nullmx.test MX": ["0 "],
    "late.test *": "servfail",
    "latemx.test MX": "timeout",
    "latemx.test A": ["192.0.2.9"],
    "badmx.test MX": ["10 -bad"],
    "halfbad.test MX": ["10 -bad", "20 host.test"],
    "numeric.test MX": ["10 192.0.2.1"],
}


def mail(b, sender: str) -> str:
    """The reply without the part about who it is about."""
    return b.rcpt(b.session(sender=sender)).replace(f"<{sender}>: Sender address rejected: ", "")


@pytest.mark.parametrize(
    ("sender", "reply"),
    [
        ("a@good.test", ""),
        ("a@good.test.", ""),
        ("", ""),
        ("a@[192.0.2.1]", ""),
        ("joe", "504 5.5.2 need fully-qualified address"),
        ("joe@host", "504 5.5.2 need fully-qualified address"),
        ("joe@host.", "504 5.5.2 need fully-qualified address"),
        ("joe@good.test..", "504 5.5.2 need fully-qualified address"),
        ("joe@-bad.test", "504 5.5.2 need fully-qualified address"),
        ("joe@", "504 5.5.2 need fully-qualified address"),
    ],
)
def test_reject_non_fqdn_sender(bench, sender, reply):
    assert mail(bench({LIST: "reject_non_fqdn_sender"}), sender) == reply


@pytest.mark.parametrize("element", ["reject_unknown_sender_domain", "reject_unknown_address"])
@pytest.mark.parametrize(
    ("sender", "reply"),
    [
        ("a@mx.test", ""),
        ("a@a.test", ""),
        ("a@a.test.", ""),
        ("a@aaaa.test", ""),
        ("", ""),
        ("a@[192.0.2.1]", ""),
        ("a@example.test", ""),  # our own
        ("a@none.test", "450 4.1.8 Domain not found"),
        ("a@txt.test", "450 4.1.8 Domain not found"),
        ("a@late.test", "450 4.1.8 Domain not found"),
        ("a@latemx.test", ""),
        ("a@badmx.test", "450 4.1.8 Malformed DNS server reply"),
        ("a@halfbad.test", ""),
        ("a@numeric.test", ""),
        ("a@nullmx.test", "550 5.7.27 Domain nullmx.test does not accept mail (nullMX)"),
    ],
)
def test_reject_unknown_sender_domain(bench, element, sender, reply):
    assert mail(bench({LIST: element}, DNS), sender) == reply


def test_code_is_for_permanent_trouble_only(bench):
    config = {"unknown_address_reject_code": "550", LIST: "reject_unknown_sender_domain"}
    assert mail(bench(config, DNS), "a@none.test") == "550 5.1.8 Domain not found"
    assert mail(bench(config, DNS), "a@late.test") == "450 4.1.8 Domain not found"
    assert mail(bench(config, DNS), "a@nullmx.test").startswith("550 5.7.27")


def test_tempfail_action_defer_refuses_at_once(bench):
    config = {LIST: "reject_unknown_sender_domain, reject", "unknown_address_tempfail_action": "defer"}
    assert mail(bench(config, DNS), "a@late.test") == "450 4.1.8 Domain not found"
    config["unknown_address_tempfail_action"] = "defer_if_permit"
    assert mail(bench(config, DNS), "a@late.test") == "554 5.7.1 Access denied"


def test_types_are_asked_until_one_answers(bench):
    b = bench({LIST: "reject_unknown_sender_domain"}, DNS)
    mail(b, "a@a.test")
    assert b.world.asked == [("a.test", "MX"), ("a.test", "A")]


@pytest.mark.parametrize(
    ("sender", "reply"),
    [
        ("known@ok.test", ""),
        ("", ""),
        ("a@far.test", ""),
        ("who@ok.test", "550 5.1.0 User unknown in relay recipient table"),
    ],
)
def test_reject_unlisted_sender(bench, sender, reply):
    config = {"relay_recipient_maps": "inline:{known@ok.test=x, u@ok.test=x}", LIST: "reject_unlisted_sender"}
    assert mail(bench(config), sender) == reply


MISMATCHES = [
    # element, login, sender, reply
    ("reject_authenticated_sender_login_mismatch", "joe", "joe@good.test", ""),
    ("reject_authenticated_sender_login_mismatch", "JOE", "joe@good.test", ""),
    ("reject_authenticated_sender_login_mismatch", "jim", "joe@good.test", "not owned by user jim"),
    ("reject_authenticated_sender_login_mismatch", "jim", "free@good.test", "not owned by user jim"),
    ("reject_authenticated_sender_login_mismatch", "", "joe@good.test", ""),
    ("reject_unauthenticated_sender_login_mismatch", "", "joe@good.test", "not logged in"),
    ("reject_unauthenticated_sender_login_mismatch", "", "free@good.test", ""),
    ("reject_unauthenticated_sender_login_mismatch", "jim", "joe@good.test", ""),
    ("reject_known_sender_login_mismatch", "jim", "joe@good.test", "not owned by user jim"),
    ("reject_known_sender_login_mismatch", "jim", "free@good.test", ""),
    ("reject_known_sender_login_mismatch", "", "joe@good.test", "not logged in"),
    ("reject_known_sender_login_mismatch", "", "free@good.test", ""),
    ("reject_sender_login_mismatch", "jim", "free@good.test", "not owned by user jim"),
    ("reject_sender_login_mismatch", "", "joe@good.test", "not logged in"),
    ("reject_sender_login_mismatch", "ann", "joe@good.test", ""),
]


@pytest.mark.parametrize(("element", "login", "sender", "text"), MISMATCHES)
def test_sender_login_mismatch(bench, element, login, sender, text):
    maps = "inline:{{joe@good.test = joe, ann}}"
    b = bench({"smtpd_sasl_auth_enable": "yes", "smtpd_sender_login_maps": maps, LIST: element})
    s = b.session(sender=sender)
    s.sasl_username = login
    assert b.rcpt(s) == (f"553 5.7.1 <{sender}>: Sender address rejected: {text}" if text else "")


def test_login_mismatch_without_sasl_is_ignored_with_a_warning(bench):
    b = bench({LIST: "reject_known_sender_login_mismatch"})
    assert b.rcpt() == ""
    assert b.log == ["warning: restriction `reject_known_sender_login_mismatch' ignored: no SASL support"]
