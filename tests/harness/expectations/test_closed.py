"""closed: who hung up."""

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


def test_who_hung_up(seen: Seen, whole: Observation) -> None:
    assert status("closed", True, seen(closed=True), whole) is Status.PASSED
    assert status("closed", True, seen(closed=False), whole) is Status.FAILED


def test_yes_is_not_true() -> None:
    with pytest.raises(ScenarioError):
        expectations["closed"].of("yes", "closed")  # type: ignore[attr-defined]
