"""log: lines of the mail log."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import LogLine, Observation, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


LOG = (LogLine("smtpd", "connect from a[192.0.2.1]"), LogLine("cleanup", "4F2A1C: reject: header Subject: x", "4F2A1C"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("connect from", Status.PASSED),
        ({"match": "reject: header", "times": 1, "program": "cleanup"}, Status.PASSED),
        ({"match": "reject: header", "program": "smtpd"}, Status.FAILED),
        ({"match": "panic", "times": 0}, Status.PASSED),
        ([{"match": "connect", "times": 2}], Status.FAILED),
    ],
)
def test_lines_are_counted(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("log", value, seen(log=LOG), whole) is expected


def test_no_log_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("log", "x", seen(log=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", ["(", {"times": 1}, {"match": "x", "level": "panic"}])
def test_what_is_no_line_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["log"].of(value, "log")  # type: ignore[attr-defined]
