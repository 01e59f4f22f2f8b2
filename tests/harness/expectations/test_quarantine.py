"""quarantine: what was set aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import Observation, Quarantined, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


KEPT = Quarantined("1-A", "4F2A1C", "part0002:a.zip/eicar.com", "Eicar-Test", b"x")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, Status.PASSED),
        (0, Status.FAILED),
        ({"reason": "/eicar/i"}, Status.PASSED),
        ({"reason": "Klez"}, Status.FAILED),
        ({"path": "a.zip", "count": 1}, Status.PASSED),
        ({"path": "b.zip", "count": 0}, Status.PASSED),
    ],
)
def test_how_many_why_and_where(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("quarantine", value, seen(quarantine=(KEPT,)), whole) is expected


def test_not_shown_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("quarantine", 0, seen(quarantine=None), whole) is Status.SKIPPED


def test_a_wrong_key_is_told() -> None:
    with pytest.raises(ScenarioError):
        expectations["quarantine"].of({"virus": "x"}, "quarantine")  # type: ignore[attr-defined]
