"""transcript: the whole dialogue, against a golden file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

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


def test_a_golden_is_written_when_asked_for_and_compared_otherwise(
    seen: Seen, whole: Observation, tmp_path: Path
) -> None:
    here = replace(whole, extra={"file": str(tmp_path / "x.yaml")})
    assert status("transcript", True, seen(), here) is Status.FAILED, "no golden file yet"
    assert (
        status("transcript", True, seen(), replace(here, extra={**here.extra, "update_golden": "yes"})) is Status.PASSED
    )
    golden = tmp_path / "__golden__" / "x.one.transcript"
    assert "S: 554 5.7.1 Service unavailable" in golden.read_text()
    assert status("transcript", True, seen(), here) is Status.PASSED
    assert status("transcript", True, seen(seen().exchanges[:2]), here) is Status.FAILED


def test_the_name_of_a_golden_tells_its_cell(seen: Seen, whole: Observation, tmp_path: Path) -> None:
    cell = replace(whole, cell=(("delay", "no"),), extra={"file": str(tmp_path / "x.yaml"), "update_golden": "yes"})
    assert status("transcript", True, seen(), cell) is Status.PASSED
    assert (tmp_path / "__golden__" / "x.one[delay=no].transcript").exists()


@pytest.mark.parametrize("value", [False, 3])
def test_anything_else_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["transcript"].of(value, "transcript")  # type: ignore[attr-defined]
