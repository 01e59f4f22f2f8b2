"""failure: what a person reads first."""

from __future__ import annotations

from collections.abc import Callable

from harness.failure import explain_failure
from harness.observation import SessionSeen
from harness.result import Finding, SessionResult, Status


def test_it_says_where_what_was_expected_what_was_seen_and_why(seen: Callable[..., SessionSeen]) -> None:
    finding = Finding("rcpt", Status.FAILED, "250", "554 5.7.1 blocked", 17)
    met = Finding("verdict", Status.PASSED, "reject", "reject", 18)
    result = SessionResult("policy/x", (("delay", "no"),), "one", "reference", Status.FAILED, (finding, met), seen())
    text = explain_failure(result, "scenarios/policy/x.yaml")
    assert text.splitlines()[0] == "policy/x: one [delay=no]"
    assert "scenarios/policy/x.yaml:17: rcpt" in text
    assert "expected: 250" in text and "seen:     554 5.7.1 blocked" in text
    assert "main.cf:12: reject_rbl_client rbl.test" in text
    assert "S: 554 5.7.1 Service unavailable; blocked using rbl.test" in text
    assert "verdict\n" not in text, "what was met is not told"


def test_an_unexpected_pass_says_what_to_do() -> None:
    result = SessionResult("x", (), "one", "reference", Status.XPASSED, (), None)
    assert "take its `xfail` away" in explain_failure(result, "x.yaml")
