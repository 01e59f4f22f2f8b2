"""Blocklists and allowlists: what is asked, what counts, and how the refusal is worded."""

from __future__ import annotations

import pytest

LIST = "smtpd_client_restrictions"

DNS = {
    "7.2.0.192.rbl.test A": ["127.0.0.2", "127.0.0.9"],
    "7.2.0.192.rbl.test TXT": ["see http://rbl.test/", "really"],
    "7.2.0.192.silent.test A": ["127.0.0.2"],
    "7.2.0.192.late.test A": "servfail",
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.rbl.test A": ["127.0.0.2"],
    "mail.ok.test.rhs.test A": ["127.0.0.2"],
    "claimed.test.rhs.test A": ["127.0.0.2"],
    "helo.test.rhs.test A": ["127.0.0.2"],
    "bad.test.rhs.test A": ["127.0.0.2"],
    "ok.test.rhs.test A": ["127.0.0.2"],
    "mail.ok.test.late.test A": "timeout",
}
BLOCKED = "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using"


@pytest.mark.parametrize("element", ["reject_rbl_client", "reject_rbl"])
@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        ("rbl.test", f"{BLOCKED} rbl.test; see http://rbl.test/ / really"),
        ("silent.test", f"{BLOCKED} silent.test"),
        ("clean.test", ""),
        ("late.test", ""),
        ("silent.test=127.0.0.2", f"{BLOCKED} silent.test"),
        ("silent.test=127.0.0.3", ""),
        ("silent.test=127.0.0.[1..4;9]", f"{BLOCKED} silent.test"),
        ("silent.test=[127.0.0.[3;5..9]]", ""),
        ("rbl.test=127.0.0.9", f"{BLOCKED} rbl.test; see http://rbl.test/ / really"),
    ],
)
def test_reject_rbl_client(bench, element, argument, reply):
    assert bench({LIST: f"{element} {argument}"}, DNS).rcpt() == reply


def test_ipv6_client_is_asked_about_by_nibbles(bench):
    b = bench({LIST: "reject_rbl_client rbl.test"}, DNS)
    reply = b.rcpt(b.session(address="2001:db8::1"))
    assert reply == "554 5.7.1 Service unavailable; Client host [2001:db8::1] blocked using rbl.test"


def test_list_that_does_not_answer_fails_open_with_a_warning(bench):
    b = bench({LIST: "reject_rbl_client late.test"}, DNS)
    assert b.rcpt() == ""
    assert b.log == [
        "warning: 7.2.0.192.late.test: RBL lookup error: Host or domain name not found. "
        "Name service error for name=7.2.0.192.late.test type=A: Host not found, try again"
    ]


def test_answers_last_for_the_session(bench):
    b = bench({LIST: "reject_rbl_client clean.test, reject_rbl_client clean.test=127.0.0.2"}, DNS)
    s = b.session()
    b.rcpt(s)
    b.rcpt(s, "v@ok.test")
    assert b.world.asked == [("7.2.0.192.clean.test", "A")]
    b.rcpt()
    assert len(b.world.asked) == 2


def test_missing_zone_is_a_warning_and_no_more(bench):
    b = bench({LIST: "reject_rbl_client"})
    assert b.rcpt() == ""
    assert b.log == ["warning: restriction reject_rbl_client requires domain name argument"]


def test_reject_maps_rbl_asks_every_zone_and_says_once_that_it_is_old(bench):
    b = bench({LIST: "reject_maps_rbl", "maps_rbl_domains": "clean.test, silent.test"}, DNS)
    assert [b.rcpt(), b.rcpt()] == [f"{BLOCKED} silent.test"] * 2
    assert sum("reject_maps_rbl" in line for line in b.log) == 1


@pytest.mark.parametrize(
    ("element", "reply"),
    [
        ("reject_rhsbl_client", "Client host [mail.ok.test]"),
        ("reject_rhsbl_reverse_client", "Unverified Client host [claimed.test]"),
        ("reject_rhsbl_helo", "Helo command [helo.test]"),
        ("reject_rhsbl_sender", "Sender address [joe@bad.test]"),
        ("reject_rhsbl_recipient", "Recipient address [u@ok.test]"),
    ],
)
def test_reject_rhsbl(bench, element, reply):
    b = bench({LIST: f"{element} rhs.test"}, DNS)
    s = b.session(reverse_name="claimed.test", helo="helo.test", sender="joe@bad.test")
    assert b.rcpt(s) == f"554 5.7.1 Service unavailable; {reply} blocked using rhs.test"
    assert bench({LIST: f"{element} clean.test"}, DNS).rcpt() == ""


@pytest.mark.parametrize("sender", ["", "joe@bad.test.", "joe@[192.0.2.1]", "joe@192.0.2.1", "joe@-bad.test"])
def test_forms_that_are_not_asked_about(bench, sender):
    b = bench({LIST: "reject_rhsbl_sender rhs.test"}, DNS)
    assert b.rcpt(b.session(sender=sender)) == ""
    assert b.world.asked == []


def test_unknown_client_name_is_not_asked_about(bench):
    b = bench({LIST: "reject_rhsbl_client rhs.test, reject_rhsbl_reverse_client rhs.test"}, DNS)
    assert b.rcpt(b.session(name="unknown")) == ""
    assert b.world.asked == []


@pytest.mark.parametrize(
    ("element", "reply"),
    [
        ("permit_dnswl_client rbl.test", ""),
        (
            "permit_dnswl_client rbl.test=127.0.0.5",
            "554 5.7.1 <mail.ok.test[192.0.2.7]>: Client host rejected: Access denied",
        ),
        ("permit_dnswl_client late.test", "450 4.7.1 <192.0.2.7>: Client host rejected: Service unavailable"),
        ("permit_rhswl_client rhs.test", ""),
        ("permit_rhswl_client late.test", "450 4.7.1 <mail.ok.test>: Client host rejected: Service unavailable"),
    ],
)
def test_permit_by_allowlist(bench, element, reply):
    assert bench({LIST: f"{element}, reject"}, DNS).rcpt() == reply


@pytest.mark.parametrize("element", ["permit_dnswl_client rbl.test", "permit_rhswl_client rhs.test"])
def test_allowlist_opens_no_relay(bench, element):
    b = bench({"smtpd_recipient_restrictions": f"{element}, reject"}, DNS)
    assert b.rcpt() == ""
    assert b.rcpt(recipient="u@far.test").startswith("554 5.7.1 <u@far.test>: Recipient address rejected")


@pytest.mark.parametrize(
    ("template", "reply"),
    [
        ("$rbl_code $rbl_class [$rbl_what] $rbl_domain: $rbl_txt", "554 5.7.1 Client host [192.0.2.7] silent.test: "),
        ("550 5.7.2 $client_address $client_name $helo_name", "550 5.7.2 192.0.2.7 mail.ok.test mail.ok.test"),
        ("450 $sender_name at $sender_domain to $recipient", "450 4.7.1 a at good.test to u@ok.test"),
        ("550 $client ${rbl_reason?yes}${rbl_reason:no}", "550 5.7.1 mail.ok.test[192.0.2.7] no"),
        ("550 it is $localtime", "550 5.7.1 it is Aug 10 09:00:00"),
        ("200 fine", "450 4.7.1 Service unavailable"),
        ("no code", "450 4.7.1 Service unavailable"),
    ],
)
def test_reply_template(bench, template, reply):
    b = bench({LIST: "reject_rbl_client silent.test", "default_rbl_reply": template}, DNS)
    assert b.rcpt() == reply


def test_reply_map_is_asked_for_the_whole_argument(bench):
    config = {"rbl_reply_maps": "texthash:/etc/postfix/replies"}
    files = {"replies": "silent.test=127.0.0.2 550 filtered\nsilent.test 550 plain\n"}
    b = bench(config | {LIST: "reject_rbl_client silent.test=127.0.0.2"}, DNS, files)
    assert b.rcpt() == "550 5.7.1 filtered"
    assert bench(config | {LIST: "reject_rbl_client silent.test"}, DNS, files).rcpt() == "550 5.7.1 plain"


def test_null_sender_and_strange_characters_in_a_template(bench):
    config = {"default_rbl_reply": "550 <$sender> $helo_name", "smtpd_expansion_filter": "abc<>"}
    b = bench(config | {LIST: "reject_rbl_client silent.test"}, DNS)
    assert b.rcpt(b.session(sender="", helo="a$b.c")) == "550 5.7.1 <<>> a_b_c"
