from __future__ import annotations

from harness.gateway.rule import Rule
from harness.gateway.session import Asked
from harness.impact.fate import NOTHING, Cause, cause_of, differences

from .conftest import cause, fate

ELEMENT = Asked(
    "rcpt", "smtpd_recipient_restrictions", "check_client_access hash:x", Rule("main.cf", 3, "check"), "DUNNO"
)


def test_equal_fates_differ_in_nothing() -> None:
    assert differences(fate(), fate()) == ()


def test_a_rule_that_moved_is_no_difference() -> None:
    assert differences(fate(cause=cause(line=3)), fate(cause=cause(line=9))) == ()
    assert differences(fate(cause=cause(text="permit")), fate(cause=cause(text="reject"))) == ("cause",)


def test_the_last_line_that_decided_is_the_cause() -> None:
    table = Asked("rcpt", "hash:x", "192.0.2.7", Rule("x", 9, "192.0.2.7 REJECT"), "554", decided=True)
    assert cause_of([ELEMENT, table]) == Cause(
        "x", 9, "192.0.2.7 REJECT", "smtpd_recipient_restrictions", "check_client_access hash:x"
    )


def test_of_what_was_accepted_the_last_ok_is_the_cause() -> None:
    permit = Asked("rcpt", "smtpd_recipient_restrictions", "permit", Rule("main.cf", 4, "permit"), "OK")
    assert cause_of([ELEMENT, permit]).text == "permit"
    assert cause_of([ELEMENT]) is NOTHING


def test_a_cause_reads_like_a_place_and_a_line() -> None:
    assert str(cause()) == "main.cf:1: permit"
    assert str(NOTHING) == "nothing was against it"
