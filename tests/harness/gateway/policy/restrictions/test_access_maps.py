"""check_*_access: which key of which subject is tried in which order."""

from __future__ import annotations

import pytest

LIST = "smtpd_recipient_restrictions"
OPEN = "reject_unauth_destination"


def text(reply: str) -> str:
    """The free text at the end of a refusal."""
    return reply.rpartition("rejected: ")[2]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ("mail.ok.test 550 name\n192.0.2.7 550 address\n", "name"),
        ("ok.test 550 parent\n192.0.2.7 550 address\n", "parent"),
        ("test 550 top\n192.0.2.7 OK\n", "top"),
        (".ok.test 550 dotted\n192.0.2.7 550 address\n", "address"),
        ("192.0.2.7 550 address\n192.0.2 550 network\n", "address"),
        ("192.0.2 550 network\n", "network"),
        ("192 550 network\n", "network"),
        ("mail.ok.test DUNNO\nok.test REJECT\n192.0.2.7 REJECT\n", ""),
        ("MAIL.OK.TEST 550 folded\n", "folded"),
    ],
)
def test_check_client_access(bench, lines, answer):
    b = bench({LIST: f"check_client_access texthash:/etc/postfix/access, {OPEN}"}, files={"access": lines})
    assert text(b.rcpt()) == answer


def test_dunno_leads_to_the_next_element(bench):
    b = bench({LIST: f"check_client_access static:DUNNO, check_client_access static:REJECT, {OPEN}"})
    assert text(b.rcpt()) == "Access denied"


def test_unverified_client_is_looked_up_as_unknown(bench):
    b = bench({LIST: f"check_client_access inline:{{{{unknown=550 unknown}}, {{192.0.2.7=550 address}}}}, {OPEN}"})
    assert text(b.rcpt(b.session(name="unknown"))) == "unknown"


def test_dotted_parents_without_parent_style(bench):
    config = {"parent_domain_matches_subdomains": "", "relay_domains": "ok.test"}
    files = {"access": "ok.test 550 parent\n.ok.test 550 dotted\n"}
    b = bench(config | {LIST: f"check_client_access texthash:/etc/postfix/access, {OPEN}"}, files=files)
    assert text(b.rcpt()) == "dotted"


def test_reverse_name_may_only_be_held_against_the_client(bench):
    table = "inline:{{claimed.test=REJECT}, ok.test=OK, 192.0.2.8=REJECT}"
    b = bench({LIST: f"check_reverse_client_hostname_access {table}, {OPEN}"})
    s = b.session(reverse_name="a.claimed.test")
    assert b.rcpt(s) == "554 5.7.1 <a.claimed.test>: Unverified Client host rejected: Access denied"
    assert b.rcpt(b.session(reverse_name="mail.ok.test")) == "451 4.3.5 Server configuration error"
    assert b.log[-4:-1] == [
        "warning: restriction check_reverse_client_hostname_access returns OK for mail.ok.test",
        "warning: this is not allowed for security reasons",
        "warning: use DUNNO instead of OK if you want to make an exception",
    ]
    assert text(b.rcpt(b.session(name="unknown", address="192.0.2.8"))) == "Access denied"


@pytest.mark.parametrize(
    ("helo", "answer"),
    [
        ("mail.bad.test", "<mail.bad.test>: Helo command rejected: Access denied"),
        ("192.0.2.1", ""),
        ("[192.0.2.1]", "<[192.0.2.1]>: Helo command rejected: Access denied"),
    ],
)
def test_check_helo_access(bench, helo, answer):
    files = {"access": "bad.test REJECT\n2.1 REJECT\n0.2.1] REJECT\n"}
    b = bench({LIST: f"check_helo_access texthash:/etc/postfix/access, {OPEN}"}, files=files)
    assert b.rcpt(b.session(helo=helo)).removeprefix("554 5.7.1 ") == answer


ORDER = [
    "user+ext@sub.good.test",
    "user@sub.good.test",
    "sub.good.test",
    "good.test",
    "test",
    "user+ext@",
    "user@",
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_keys_of_a_mail_address_in_order(bench, first):
    files = {"access": "".join(f"{key} 550 {key}\n" for key in reversed(ORDER[first:]))}
    config = {"recipient_delimiter": "+", LIST: f"check_sender_access texthash:/etc/postfix/access, {OPEN}"}
    b = bench(config, files=files)
    assert text(b.rcpt(b.session(sender="User+Ext@Sub.Good.test"))) == ORDER[first]


def test_address_is_reported_as_received_and_looked_up_as_resolved(bench):
    config = {"myorigin": "example.test", "recipient_delimiter": "+"}
    table = "inline:{foo@example.test=REJECT, a@good.test=REJECT}"
    b = bench(config | {LIST: f"check_sender_access {table}, {OPEN}"})
    assert b.rcpt(b.session(sender="Foo")) == "554 5.7.1 <Foo>: Sender address rejected: Access denied"
    assert b.rcpt(b.session(sender="a%good.test@example.test")).startswith("554 5.7.1 <a%good.test@example.test>")
    assert b.rcpt(b.session(sender="a@good.test.")).startswith("554 5.7.1 <a@good.test.>")


def test_quoted_form_is_tried_before_the_plain_one(bench):
    files = {"access": '"a b"@good.test 550 quoted\n'}
    b = bench({LIST: f"check_sender_access texthash:/etc/postfix/access, {OPEN}"}, files=files)
    assert b.rcpt(b.session(sender="a b@good.test")) == "550 5.7.1 <a b@good.test>: Sender address rejected: quoted"
    assert '; from=<"a b"@good.test> to=' in b.log[0]


def test_null_sender_has_its_own_key(bench):
    b = bench({LIST: f"check_sender_access inline:{{<>=REJECT}}, {OPEN}"})
    assert b.rcpt(b.session(sender="")) == "554 5.7.1 <>: Sender address rejected: Access denied"
    assert b.log[0].endswith("; from=<> to=<u@ok.test> proto=ESMTP helo=<mail.ok.test>")


def test_ok_for_a_source_routed_recipient_counts_for_nothing(bench):
    b = bench({"smtpd_recipient_restrictions": f"check_recipient_access static:OK, {OPEN}"})
    assert b.rcpt(recipient="u%far.test@ok.test") == "554 5.7.1 <u%far.test@ok.test>: Relay access denied"
    assert b.rcpt(recipient="u@far.test") == ""


def test_check_sasl_access(bench):
    b = bench({"smtpd_sasl_auth_enable": "yes", LIST: f"check_sasl_access inline:{{joe=REJECT}}, {OPEN}"})
    s = b.session()
    assert b.rcpt(s) == ""
    s.sasl_username = "joe"
    assert b.rcpt(s) == "554 5.7.1 <joe>: SASL login name rejected: Access denied"
    b = bench({LIST: f"check_sasl_access static:REJECT, {OPEN}"})
    assert b.rcpt(s) == ""
    assert b.log == ["warning: restriction `check_sasl_access' ignored: no SASL support"]


@pytest.mark.parametrize(
    ("element", "answer"),
    [
        ("inline:{AA=REJECT, BB=DEFER}", "554 5.7.1"),
        ("{ inline:{AA=REJECT, BB=DEFER}, { search_order = pubkey_fingerprint, cert_fingerprint } }", "450 4.7.1"),
        ("inline:{CC=REJECT}", ""),
    ],
)
def test_check_ccert_access(bench, element, answer):
    b = bench({LIST: f"check_ccert_access {element}, {OPEN}", "smtpd_tls_ask_ccert": "yes"})
    s = b.session()
    assert b.rcpt(s) == ""
    s.tls, s.tls_fingerprints, s.tls_name = True, ("AA", "BB"), "joe"
    assert b.rcpt(s) == (f"{answer} <joe>: Client certificate rejected: Access denied" if answer else "")


def test_check_etrn_access_is_nothing_without_etrn(bench):
    assert bench({LIST: f"check_etrn_access static:REJECT, {OPEN}"}).rcpt() == ""


@pytest.mark.parametrize(
    ("place", "who"),
    [
        ("smtpd_client_restrictions", "<mail.ok.test[192.0.2.7]>: Client host"),
        ("smtpd_helo_restrictions", "<mail.ok.test>: Helo command"),
        ("smtpd_sender_restrictions", "<a@good.test>: Sender address"),
        ("smtpd_relay_restrictions", "<u@ok.test>: Recipient address"),
        ("smtpd_recipient_restrictions", "<u@ok.test>: Recipient address"),
    ],
)
def test_bare_table_means_the_phase_it_stands_in(bench, place, who):
    b = bench({"smtpd_recipient_restrictions": OPEN} | {place: f"static:REJECT, {OPEN}"})
    assert b.rcpt() == f"554 5.7.1 {who} rejected: Access denied"


def test_table_without_a_colon_is_a_mistake_when_reached(bench):
    b = bench({LIST: f"check_client_access nonsense, {OPEN}"})
    assert b.rcpt() == "451 4.3.5 Server configuration error"
    assert b.log[0] == 'warning: restriction check_client_access: bad argument "nonsense": need maptype:mapname'
