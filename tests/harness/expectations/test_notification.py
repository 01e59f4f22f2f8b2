"""notification: who was told what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import Notification, Observation, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


NOTE = Notification(
    "infected",
    "4F2A1C",
    "",
    "user@gw.test",
    "virus found",
    b"From: <x>\r\nAuto-Submitted: auto-generated\r\n\r\nEicar\r\n",
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"count": 1}, Status.PASSED),
        (1, Status.PASSED),
        ({"count": 0}, Status.FAILED),
        (
            {"to": "user@gw.test", "kind": "infected", "subject": "/virus/", "from": "", "auto_submitted": True},
            Status.PASSED,
        ),
        ({"kind": "bounce"}, Status.FAILED),
        ({"kind": "bounce", "count": 0}, Status.PASSED),
        ({"subject": "spam"}, Status.FAILED),
        ({"from": "a@b"}, Status.FAILED),
        ({"contains": "Eicar"}, Status.PASSED),
        ({"contains": "Klez"}, Status.FAILED),
        ({"not_contains": "Eicar"}, Status.FAILED),
        ({"auto_submitted": False}, Status.FAILED),
    ],
)
def test_whom_what_and_how(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("notifications", value, seen(notifications=(NOTE,)), whole) is expected


def test_a_target_that_cannot_show_them_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("notifications", {"count": 0}, seen(notifications=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{"too": "x"}, "x", {"count": "lots"}])
def test_what_is_no_notification_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["notifications"].of(value, "notifications")  # type: ignore[attr-defined]
