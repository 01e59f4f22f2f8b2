"""bulk: the score, its features, and whether it reached the level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.gateway.rule import Rule
from harness.observation import AskedRule, Observation, SessionSeen
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


TRACE = (asked("bulk", "mine", "score 7.5 (SubjectShouts 1.5, Remove 6) of 9"), asked("bulk", "other", "score 0 of 4"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"section": "mine", "score": 7.5}, P), ({"section": "mine", "score": ">=8"}, F), ({"section": "mine", "score": "< 8"}, P),
        ({"section": "mine", "reached": False}, P), ({"section": "mine", "reached": True}, F), ({"score": ">0"}, F),
        ({"section": "mine", "feature": ["Remove", "SubjectShouts"]}, P), ({"section": "mine", "feature": "Gtube"}, F),
        ({"section": "mine", "without": "Gtube"}, P), ({"section": "mine", "without": "Remove"}, F),
        ({"section": "other", "score": 0}, P), ({"section": "nosuch", "score": 0}, F), (0, F),
    ],
)  # fmt: skip
def test_scores(value: Any, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("bulk", value, seen(trace=TRACE), whole) is expected


def test_no_score(seen: Seen, whole: Observation) -> None:
    assert status("bulk", 0, seen(trace=()), whole) is P and status("bulk", {"score": 0}, seen(trace=()), whole) is F
    assert status("bulk", 0, seen(trace=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{}, 1, True, {"scor": 1}, {"score": "many"}, {"reached": "maybe"}])
def test_mistakes(value: Any) -> None:
    with pytest.raises(ScenarioError):
        expectations["bulk"].of(value, "bulk")  # type: ignore[attr-defined]
