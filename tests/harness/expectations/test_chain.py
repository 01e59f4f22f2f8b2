"""chain: which steps were tried, and how the chain ended."""

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


A = "act_for_infected_files"
TRACE = (
    asked("infected", "Eicar-Test", "part0002:a.com"),
    asked(A, "clean", "Eicar-Test in part0002:a.com: failed: nothing is known"),
    asked(A, "delete", "Eicar-Test in part0002:a.com: done: warn.txt of 68 bytes", True),
    asked(A, "copy", "Klez in part0003:b: c.scr: done: stored as 1"),
    asked(A, "(end of list: reject)", "Klez in part0003:b: c.scr: the list ends, and nothing has resolved it", True),
    asked("antispam_configuration", "discard", "Bulk.low in mail: discard: the mail is thrown away", True),
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("clean:failed, delete:done", P), ("clean:failed,delete:done", P), ("delete:done", F), ("copy:done, end:reject", P),
        ({"name": "Eicar", "result": "deliver"}, P), ({"name": "Eicar", "result": "reject"}, F), ({"path": "b: c.scr", "result": "reject"}, P),
        ({"setting": "antispam_configuration", "result": "discard", "steps": "discard:discard"}, P), ({"setting": "act_for_filter_subject"}, F),
        (["clean:failed, delete:done", {"name": "Klez"}], P), (["clean:failed, delete:done", {"name": "Bugbear"}], F), ([], F),
    ],
)  # fmt: skip
def test_chains(value: Any, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("chain", value, seen(trace=TRACE), whole) is expected


def test_no_chain(seen: Seen, whole: Observation) -> None:
    assert status("chain", [], seen(trace=()), whole) is P and status("chain", "x:done", seen(trace=()), whole) is F
    assert status("chain", [], seen(trace=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{}, 1, {"step": "x"}, {"result": "deliverd"}])
def test_mistakes(value: Any) -> None:
    with pytest.raises(ScenarioError):
        expectations["chain"].of(value, "chain")  # type: ignore[attr-defined]
