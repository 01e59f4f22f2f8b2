"""kept: each object in quarantine, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.gateway.rule import Rule
from harness.observation import AskedRule, Observation, Quarantined, SessionSeen
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


KEPT = (
    Quarantined("106-RAVQ-1", "Q", "part0002:a.com", "Eicar-Test", b"abc"),
    Quarantined("bulk.106-RAVQ-2", "Q", "mail", "Bulk.low", b"\xff\x00"),
)
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"path": "a.com", "size": 3, "contains": "b", "reason": "Eicar"}, P), ({"path": "a.com", "size": 4}, F), ({"sha256": ABC}, P),
        ({"sha256": "0" * 64}, F), ({"name": "/^bulk/", "count": 1}, P), ({"reason": "Klez", "count": 0}, P), ({"reason": "Bulk", "count": 0}, F),
        ([{"path": "mail"}, {"path": "a.com"}], P), ([{"path": "mail"}, {"path": "b.com"}], F), ([], F),
    ],
)  # fmt: skip
def test_objects(value: Any, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("kept", value, seen(quarantine=KEPT), whole) is expected


def test_nothing_and_not_shown(seen: Seen, whole: Observation) -> None:
    assert status("kept", [], seen(quarantine=()), whole) is P
    assert status("kept", [], seen(quarantine=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{}, {"count": 1}, 1, {"pth": "x"}, "x"])
def test_mistakes(value: Any) -> None:
    with pytest.raises(ScenarioError):
        expectations["kept"].of(value, "kept")  # type: ignore[attr-defined]
