"""verdict: one word, or one of several."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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


def test_the_word_must_be_the_one(seen: Seen, whole: Observation) -> None:
    seen = partial(seen, accounts=())
    assert status("verdict", "reject", seen(), whole) is Status.PASSED
    assert status("verdict", "accept", seen(), whole) is Status.FAILED
    assert status("verdict", ["defer", "reject"], seen(), whole) is Status.PASSED


@pytest.mark.parametrize(
    ("words", "verdict", "wanted"),
    [
        ("accept", "accept", Status.SKIPPED),
        ("discard", "accept", Status.SKIPPED),
        (["reject", "hold"], "accept", Status.SKIPPED),
        ("reject", "accept", Status.FAILED),
        ("accept", "reject", Status.FAILED),
        ("reject", "reject", Status.PASSED),
    ],
)
def test_what_became_of_a_mail_that_was_taken_only_its_accounts_tell(
    words: object, verdict: str, wanted: Status, seen: Seen, whole: Observation
) -> None:
    assert status("verdict", words, seen(verdict=verdict, accounts=None), whole) is wanted


def test_a_word_that_is_none_is_told() -> None:
    with pytest.raises(ScenarioError, match="no verdict 'rejct'; did you mean 'reject'"):
        expectations["verdict"].of("rejct", "verdict")  # type: ignore[attr-defined]
