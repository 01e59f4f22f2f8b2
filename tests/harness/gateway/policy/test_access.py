"""Every value of access(5), as a verdict: the reply, the wish, the line in the log."""

from __future__ import annotations

import pytest

from harness.gateway.policy.access import fix_status, parse_action, split_status
from harness.gateway.policy.restriction import HELO, RECIPIENT, SENDER

LIST = "smtpd_sender_restrictions"
WHO = "<a@good.test>: Sender address"


@pytest.mark.parametrize(
    ("value", "reply"),
    [
        ("DUNNO", ""),
        ("dunno whatever", ""),
        ("OK", ""),
        ("RELAY", ""),
        ("450", ""),  # all digits is a time stamp, and means OK
        ("550", ""),
        ("REJECT", f"554 5.7.1 {WHO} rejected: Access denied"),
        ("reject not you", f"554 5.7.1 {WHO} rejected: not you"),
        ("REJECT 4.7.9 text", f"554 5.7.9 {WHO} rejected: text"),
        ("REJECT 5.1.1 text", f"554 5.1.7 {WHO} rejected: text"),
        ("REJECT 5.7.x text", f"554 5.7.1 {WHO} rejected: 5.7.x text"),
        ("DEFER", f"450 4.7.1 {WHO} rejected: Access denied"),
        ("DEFER 5.7.9 text", f"450 4.7.9 {WHO} rejected: text"),
        ("550 5.1.1 user text", f"550 5.1.7 {WHO} rejected: user text"),
        ("550 no", f"550 5.7.1 {WHO} rejected: no"),
        ("450 later", f"450 4.7.1 {WHO} rejected: later"),
        ("DEFER_IF_PERMIT", f"450 4.7.1 {WHO} rejected: Service unavailable"),
        ("DEFER_IF_PERMIT 4.7.9 wait", f"450 4.7.9 {WHO} rejected: wait"),
        ("DEFER_IF_REJECT", ""),
        ("WARN look", ""),
        ("INFO look", ""),
        ("HOLD", ""),
        ("reject_non_fqdn_sender, reject", f"554 5.7.1 {WHO} rejected: Access denied"),
        ("reject_non_fqdn_sender permit reject", ""),
        ("650 text", "451 4.3.5 Server configuration error"),
        ("299 text", "451 4.3.5 Server configuration error"),
        ("nonsense", "451 4.3.5 Server configuration error"),
        ("hash:/etc/passwd", "451 4.3.5 Server configuration error"),
        ("check_client_access x:y", "451 4.3.5 Server configuration error"),
        ("HANGUP", "(hangs up)"),
    ],
)
def test_value_of_a_table(bench, value, reply):
    b = bench({LIST: f"check_sender_access static:{{{value}}}"})
    assert b.rcpt() == reply


@pytest.mark.parametrize(
    ("value", "wish", "line"),
    [
        ("HOLD", ("HOLD", ""), f"hold: RCPT from mail.ok.test[192.0.2.7]: {WHO} triggers HOLD action;"),
        ("HOLD for me", ("HOLD", "for me"), f"hold: RCPT from mail.ok.test[192.0.2.7]: {WHO} for me;"),
        ("DISCARD", ("DISCARD", ""), f"discard: RCPT from mail.ok.test[192.0.2.7]: {WHO} triggers DISCARD action;"),
        (
            "FILTER smtp:[x]:25",
            ("FILTER", "smtp:[x]:25"),
            f"filter: RCPT from mail.ok.test[192.0.2.7]: {WHO} triggers FILTER smtp:[x]:25;",
        ),
        (
            "REDIRECT a@b.test",
            ("REDIRECT", "a@b.test"),
            f"redirect: RCPT from mail.ok.test[192.0.2.7]: {WHO} triggers REDIRECT a@b.test;",
        ),
        ("BCC a@b.test", ("BCC", "a@b.test"), f"bcc: RCPT from mail.ok.test[192.0.2.7]: {WHO} triggers BCC a@b.test;"),
        ("FILTER", None, 'warning: access table T entry "a@good.test" has FILTER entry without value'),
        ("FILTER smtp", None, 'warning: access table T entry "a@good.test" requires transport:destination'),
        ("REDIRECT me", None, 'warning: access table T entry "a@good.test" requires user@domain target'),
        ("PREPEND me", None, 'warning: access table T entry "a@good.test" requires header: text'),
        ("WARN look", None, "warn: RCPT from mail.ok.test[192.0.2.7]: look;"),
        ("INFO look", None, "info: RCPT from mail.ok.test[192.0.2.7]: look;"),
        ("x:y", None, "warning: access table T has entry with lookup table: x:y"),
    ],
)
def test_action_for_the_message(bench, value, wish, line):
    table = f"static:{{{value}}}"
    b = bench({LIST: f"check_sender_access {table}"})
    s = b.session()
    b.rcpt(s)
    assert [(w.action, w.argument) for w in s.wishes] == ([wish] if wish else [])
    table_name = b.policy.known.access_table(table).name
    expected = line.replace("table T ", f"table {table_name} ")
    assert b.log[0].removeprefix("NOQUEUE: ").startswith(expected)


def test_prepend_is_wished_without_a_word(bench):
    b = bench({LIST: "check_sender_access static:{PREPEND X-Seen: yes}"})
    s = b.session()
    assert b.rcpt(s) == ""
    assert [(w.action, w.argument) for w in s.wishes] == [("PREPEND", "X-Seen: yes")]
    assert b.log == []


def test_prepend_comes_too_late_at_end_of_data(bench):
    b = bench({"smtpd_end_of_data_restrictions": "check_sender_access static:{PREPEND X-Seen: yes}"})
    s = b.session()
    b.rcpt(s)
    assert b.ask("end_of_data", s) == ""
    assert s.wishes == []
    assert b.log[-1].endswith("action PREPEND must be used before smtpd_end_of_data_restrictions")


def test_actions_before_mail_are_skipped(bench):
    b = bench({"smtpd_delay_reject": "no", "smtpd_client_restrictions": "check_client_access static:HOLD"})
    s = b.session(sender=None)
    assert b.ask("connect", s) == ""
    assert s.wishes == []
    assert b.log[0].endswith(
        "with smtpd_delay_reject=no, action HOLD is always skipped in Client host or Helo command restrictions"
    )


def test_actions_are_unavailable_at_etrn_and_with_a_proxy(bench):
    b = bench({"smtpd_etrn_restrictions": "check_etrn_access static:HOLD"})
    s = b.session()
    s.etrn_domain = "ok.test"
    assert b.ask("etrn", s) == ""
    assert b.log[0].endswith("action HOLD is unavailable in smtpd_etrn_restrictions")
    b = bench({"smtpd_proxy_filter": "127.0.0.1:10025", LIST: "check_sender_access static:HOLD"})
    assert b.rcpt() == ""
    assert b.log[0].endswith("with smtpd_proxy_filter specified, action HOLD is unavailable")


def test_nested_restrictions_speak_of_the_subject_of_the_table(bench):
    b = bench({LIST: "check_client_access static:reject"})
    assert b.rcpt() == "554 5.7.1 <mail.ok.test[192.0.2.7]>: Client host rejected: Access denied"


def test_rule_of_a_table_line_decides(bench, tmp_path):
    b = bench(
        {LIST: "check_sender_access texthash:/etc/postfix/senders"}, files={"senders": "# who\na@good.test 554 no\n"}
    )
    s = b.session()
    assert b.rcpt(s) == f"554 5.7.1 {WHO} rejected: no"
    decided = next(asked for asked in s.trace if asked.decided)
    assert (decided.rule.line, decided.element) == (2, "a@good.test")


def test_missing_table_is_an_error_only_when_reached(bench):
    b = bench({LIST: "check_sender_access texthash:/etc/postfix/nowhere"})
    assert b.rcpt() == f"451 4.3.5 {WHO} rejected: Server configuration error"
    assert any(line.startswith("warning: ") for line in b.log)


def test_unreasonable_recursion_ends(bench):
    b = bench({"smtpd_restriction_classes": "again", "again": "check_sender_access static:again", LIST: "again"})
    assert b.rcpt() == "451 4.3.5 Server configuration error"
    assert b.log[-2].endswith("causes unreasonable recursion")


@pytest.mark.parametrize(
    ("status", "sender", "recipient", "other"),
    [
        ("1.1", "1.7", "1.1", "0.0"),
        ("1.2", "1.8", "1.2", "0.0"),
        ("1.3", "1.7", "1.3", "0.0"),
        ("1.5", "1.0", "1.5", "0.0"),
        ("1.6", "1.7", "1.6", "0.0"),
        ("1.7", "1.7", "1.3", "0.0"),
        ("1.8", "1.8", "1.2", "0.0"),
        ("1.9", "1.0", "1.0", "0.0"),
        ("7.1", "7.1", "7.1", "7.1"),
    ],
)
def test_status_speaks_of_the_address_it_is_about(status, sender, recipient, other):
    assert (fix_status(status, SENDER), fix_status(status, RECIPIENT), fix_status(status, HELO)) == (
        sender,
        recipient,
        other,
    )


def test_status_is_split_from_the_text():
    assert split_status("5.7.28 too much", "7.1") == ("7.28", "too much")
    assert split_status("5.7.28", "7.1") == ("7.28", "")
    assert split_status("5.7.2800 no", "7.1") == ("7.1", "5.7.2800 no")
    assert split_status("3.7.1 no", "7.1") == ("7.1", "3.7.1 no")


def test_first_word_ends_at_a_blank():
    assert parse_action("REJECT\tgo  away").text == "go  away"
    assert parse_action("REJECTED x").kind == "list"
