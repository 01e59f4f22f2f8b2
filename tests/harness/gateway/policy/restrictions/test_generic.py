"""Restrictions that look at nothing, or at the session as a whole."""

from __future__ import annotations

import pytest

LIST = "smtpd_client_restrictions"
WHO = "<mail.ok.test[192.0.2.7]>: Client host rejected:"


@pytest.mark.parametrize(
    ("element", "reply"),
    [
        ("permit", ""),
        ("reject", f"554 5.7.1 {WHO} Access denied"),
        ("defer", f"450 4.3.2 {WHO} Try again later"),
        ("defer_if_permit", f"450 4.7.0 {WHO} defer_if_permit requested"),
        ("defer_if_reject", ""),
        ("sleep 0", ""),
        ("sleep", "451 4.3.5 Server configuration error"),
        ("sleep soon", "451 4.3.5 Server configuration error"),
        ("reject_plaintext_session", "450 4.7.1 Session encryption is required"),
        ("reject_unauth_pipelining", ""),
        ("reject_multi_recipient_bounce", ""),
        ("no_such_restriction", "451 4.3.5 Server configuration error"),
    ],
)
def test_element(bench, element, reply):
    assert bench({LIST: element}).rcpt() == reply


def test_codes_are_parameters(bench):
    config = {"reject_code": "521", "defer_code": "421", "plaintext_reject_code": "554"}
    assert bench(config | {LIST: "reject"}).rcpt().startswith("521 5.7.1")
    assert bench(config | {LIST: "defer"}).rcpt().startswith("421 4.3.2")
    assert bench(config | {LIST: "reject_plaintext_session"}).rcpt().startswith("554 5.7.1 Session encryption")


def test_pipelining_is_refused_once_it_was_seen(bench):
    b = bench({"smtpd_data_restrictions": "reject_unauth_pipelining"})
    s = b.session()
    b.rcpt(s)
    assert b.ask("data", s) == ""
    s.ill_pipelining = True
    assert b.ask("data", s) == "503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining"


def test_encrypted_session_passes(bench):
    b = bench({LIST: "reject_plaintext_session"})
    s = b.session()
    s.tls = True
    assert b.rcpt(s) == ""


def test_multi_recipient_bounce_is_refused_at_data(bench):
    b = bench({"smtpd_data_restrictions": "reject_multi_recipient_bounce"})
    s = b.session(sender="")
    b.rcpt(s)
    assert b.ask("data", s) == ""
    b.rcpt(s, "v@ok.test")
    assert b.ask("data", s) == "550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce"


def test_multi_recipient_bounce_counts_earlier_recipients_at_rcpt(bench):
    b = bench({"smtpd_recipient_restrictions": "reject_multi_recipient_bounce, reject_unauth_destination"})
    s = b.session(sender="")
    assert b.rcpt(s) == ""
    assert b.rcpt(s, "v@ok.test").startswith("550 5.5.3 <v@ok.test>: Recipient address rejected: Multi-recipient")
