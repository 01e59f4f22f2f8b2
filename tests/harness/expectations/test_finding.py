"""finding: which findings there are, of which class, where, by which line."""

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


TRACE = (
    asked("infected", "Eicar-Test", "part0002:a.zip/eicar.com"), asked("infected", "Klez", "part0003:b.scr"),
    asked("filter_subject", "Filter.Subject", "mail (matches 'x')"), asked("filter_content", "Filter.own", "part0001"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("infected", "Eicar", P), ("infected", "Bugbear", F), ("infected", 2, P), ("infected", 0, F), ("infected", [], F),
        ("suspicious", 0, P), ("suspicious", [], P), ("unscannable", {"name": "x"}, F), ("infected", ["Eicar", "/klez/i"], P),
        ("infected", {"name": "Eicar", "path": "a.zip/eicar.com", "count": 1}, P), ("infected", {"name": "Klez", "path": "a.zip"}, F),
        ("infected", {"file": "rav/global", "line": 3}, P), ("infected", {"file": "rav/global", "line": 4}, F),
        ("filtered", 2, P), ("filtered", {"name": "Filter.own", "count": 1}, P), ("filtered", {"count": 0}, F),
    ],
)  # fmt: skip
def test_findings(key: str, value: Any, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status(key, value, seen(trace=TRACE), whole) is expected


def test_below_after_all_sessions_count(seen: Seen, whole: Observation) -> None:
    from dataclasses import replace

    both = replace(whole, sessions=(seen(trace=TRACE), seen(trace=TRACE)))
    assert status("infected", 4, None, both) is P and status("infected", 2, None, both) is F


def test_without_a_trace_nothing_is_checked(seen: Seen, whole: Observation) -> None:
    assert status("infected", 0, seen(trace=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{}, {"virus": "x"}, {"nam": "x"}, True, None, ""])
def test_mistakes(value: Any) -> None:
    with pytest.raises(ScenarioError):
        expectations["infected"].of(value, "infected")  # type: ignore[attr-defined]
