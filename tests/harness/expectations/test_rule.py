"""rule: which line decided."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import Observation, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("reject_rbl_client rbl.test", Status.PASSED),
        ("reject_rbl_client", Status.PASSED),
        ("/rbl_client .*test$/", Status.PASSED),
        ("reject_unauth_destination", Status.FAILED),
        ({"file": "main.cf", "line": 12}, Status.PASSED),
        ({"file": "main.cf", "line": 13}, Status.FAILED),
        ({"file": "other"}, Status.FAILED),
        ({"place": "smtpd_recipient_restrictions"}, Status.PASSED),
        ({"place": "header_checks"}, Status.FAILED),
        ({"text": "rbl.test"}, Status.PASSED),
    ],
)
def test_element_place_file_line_and_text(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("rule", value, seen(), whole) is expected


def test_nothing_decided_is_a_failure_and_no_trace_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("rule", "x", seen(rule=None), whole) is Status.FAILED
    assert status("rule", "x", seen(rule=None, trace=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{"elment": "x"}, {}, 3])
def test_what_names_no_rule_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["rule"].of(value, "rule")  # type: ignore[attr-defined]


def test_what_the_class_knows_of_itself_is_no_key_and_is_not_shown() -> None:
    with pytest.raises(ScenarioError, match="a rule has no 'of_session'"):
        expectations["rule"].of({"of_session": True}, "rule")  # type: ignore[attr-defined]
    assert str(expectations["rule"].of({"place": "wbl_reject"}, "rule")) == "place wbl_reject"  # type: ignore[attr-defined]
