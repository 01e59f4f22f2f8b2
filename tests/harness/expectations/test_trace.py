"""trace: rules that were asked."""

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
        ("reject_rbl_client", Status.PASSED),
        ({"element": "reject_rbl_client", "said": "554"}, Status.PASSED),
        ({"element": "reject_rbl_client", "said": "DUNNO"}, Status.FAILED),
        (["reject_rbl_client", "permit_mynetworks"], Status.FAILED),
    ],
)
def test_elements_and_what_they_said(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("trace", value, seen(), whole) is expected


def test_no_trace_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("trace", "x", seen(trace=None), whole) is Status.SKIPPED


def test_a_wrong_key_is_told() -> None:
    with pytest.raises(ScenarioError):
        expectations["trace"].of({"rule": "x"}, "trace")  # type: ignore[attr-defined]
