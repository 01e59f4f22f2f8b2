"""reply: patterns for each phase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import Exchange, Observation, SessionSeen
from harness.result import Status
from harness.smtp.reply import reply as make_reply

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("554 5.7.1 /blocked using/", Status.PASSED),
        ("5xx", Status.PASSED),
        (["554"], Status.PASSED),
        ("250", Status.FAILED),
        (["554", "554"], Status.FAILED),
        ("554 5.7.1 /listed/", Status.FAILED),
    ],
)
def test_the_reply_to_rcpt(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("rcpt", value, seen(), whole) is expected


def test_one_pattern_is_for_every_reply_of_the_phase(seen: Seen, whole: Observation) -> None:
    two = seen()
    two = replace(two, exchanges=(*two.exchanges, exchange("rcpt", 250)))
    assert status("rcpt", "554", two, whole) is Status.FAILED
    assert status("rcpt", ["554", "250"], two, whole) is Status.PASSED


def test_a_hang_up_is_no_reply(seen: Seen, whole: Observation) -> None:
    assert status("data", "any", seen((exchange("data", 0),)), whole) is Status.FAILED


@pytest.mark.parametrize("value", ["nonsense", [], {"code": 250}, "999"])
def test_what_is_no_pattern_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["rcpt"].of(value, "rcpt")  # type: ignore[attr-defined]


def test_it_needs_its_phase() -> None:
    assert expectations["end_of_data"].of("250", "end_of_data").phases() == ("end_of_data",)  # type: ignore[attr-defined]


def exchange(phase: str, code: int) -> Exchange:
    return Exchange(phase, b"x", make_reply(code, "", "Ok") if code else None)  # type: ignore[arg-type]
