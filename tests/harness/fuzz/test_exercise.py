"""exercise: words and actions are counted from the trace."""

import pytest

from harness.fuzz.exercise import Exercise, access_action
from harness.gateway.rule import Rule
from harness.observation import AskedRule, Observation, SessionSeen

LIST = "smtpd_sender_restrictions"


def line(place: str, element: str, said: str, text: str = "") -> AskedRule:
    return AskedRule("rcpt", place, element, Rule("t", 1, text), said)


def test_words_that_spoke_are_told_from_words_that_were_asked() -> None:
    trace = (
        line(LIST, "permit_mynetworks", "DUNNO"),
        line(LIST, "REJECT", "554 5.7.1 no"),
        line("header_checks", "", "WARN x"),
    )
    exercise = Exercise()
    exercise.add(Observation("x", (), "reference", (SessionSeen("a", trace=trace),)), ("warn_if_reject",))
    assert set(exercise.asked) == {"permit_mynetworks", "reject", "warn_if_reject"}
    assert set(exercise.spoke) == {"reject", "warn_if_reject"}
    assert exercise.checks == {"WARN": 1}
    assert exercise.places == {("permit_mynetworks", LIST), ("reject", LIST)}
    said = list(exercise.lines())
    assert said[0].startswith("restriction words asked: 3 of 78; not permit, ")
    assert "  check_ccert_access cannot: it speaks of a TLS client certificate, and XCLIENT tells of none" in said


@pytest.mark.parametrize(
    ("place", "text", "action"),
    [
        ("texthash:/etc/postfix/x", "a@b.test REJECT no", "REJECT"), ("inline:{a=450}", "a = 450", "digits"),
        ("static:OK", "OK", "OK"), ("regexp:/x", "/a b/i 550 5.7.1 no", "code"), ("pcre:/x", "!/a/ hold", "HOLD"),
        ("cidr:/x", "192.0.2.0/24 reject_unauth_destination, permit", "restrictions"), ("hash:/x", "a hash:/y", None),
    ],
)  # fmt: skip
def test_the_action_of_a_table_line(place: str, text: str, action: str | None) -> None:
    assert access_action(line(place, "key", "", text)) == action
