"""duration: no slower than."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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


def test_the_limit_is_in_ms_or_s(seen: Seen, whole: Observation) -> None:
    assert status("duration", "< 500ms", seen(), whole) is Status.PASSED
    assert status("duration", "< 10ms", seen(), whole) is Status.FAILED
    assert status("duration", "<1s", None, replace(whole, duration_ms=1200.0)) is Status.FAILED


@pytest.mark.parametrize("value", ["500", "> 5s", "< soon"])
def test_what_is_no_limit_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["duration"].of(value, "duration")  # type: ignore[attr-defined]
