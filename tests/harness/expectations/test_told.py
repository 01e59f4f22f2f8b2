"""told: who had a notice, who had none, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.gateway.rule import Rule
from harness.observation import AskedRule, Notification, Observation, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]
RULE = Rule("rav/global", 3, "x")


def status(key: str, value: Any, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    assert found
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


def asked(place: str, element: str, said: str, decided: bool = False) -> AskedRule:
    return AskedRule("end_of_data", place, element, RULE, said, decided)


P, F = Status.PASSED, Status.FAILED


TRACE = (
    asked("warn_sender", "<>", "not told of Eicar-Test: it has the null sender"),
    asked("warn_receiver", "u@x", "told of Eicar-Test (infected)"),
)
NOTICES = (Notification("infected", "Q", "", "u@x", "s", b""),)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["receiver"], P), ("receiver", P), (["receiver", "administrator"], F), ([], F), (["sender", "receiver"], F),
        ({"receiver": True}, P), ({"receiver": False}, F), ({"sender": "null sender"}, P), ({"sender": "/forges/"}, F),
        ({"administrator": False, "sender": "no"}, P), ({"administrator": "whatever"}, F),
    ],
)  # fmt: skip
def test_parties(value: Any, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("told", value, seen(trace=TRACE, notifications=NOTICES), whole) is expected


def test_a_claim_without_a_notice_fails_and_a_notice_without_a_claim_too(seen: Seen, whole: Observation) -> None:
    assert status("told", ["receiver"], seen(trace=TRACE, notifications=()), whole) is F
    assert status("told", [], seen(trace=(), notifications=NOTICES), whole) is F
    bounce = (Notification("bounce", "Q", "", "u@x", "s", b""),)
    assert status("told", [], seen(trace=(), notifications=bounce), whole) is P


def test_not_shown_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("told", [], seen(trace=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{}, ["admin"], {"recever": True}, {"sender": 1.5}])
def test_mistakes(value: Any) -> None:
    with pytest.raises(ScenarioError):
        expectations["told"].of(value, "told")  # type: ignore[attr-defined]
