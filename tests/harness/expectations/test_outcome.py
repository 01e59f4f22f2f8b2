"""outcome: where the mail is in the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ScenarioError
from harness.expectations.outcome import OutcomeExpectation
from harness.observation import Observation, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]


def statuses(value: object, seen: SessionSeen, whole: Observation) -> list[Status]:
    return [finding.status for finding in OutcomeExpectation.of(value, "outcome").check(seen, whole)]


def test_each_way_that_recipients_fared_is_named(seen: Seen, whole: Observation) -> None:
    mail = seen(queue_ids=("A",), accounts=(("A", "bounced"), ("A", "queued")))
    assert statuses(["queued", "bounced"], mail, whole) == [Status.PASSED]
    assert statuses("bounced", mail, whole) == [Status.FAILED]
    assert statuses("refused", seen(accounts=()), whole) == [Status.PASSED]


def test_a_target_that_does_not_tell_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert statuses("bounced", seen(accounts=None), whole) == [Status.SKIPPED]


@pytest.mark.parametrize(
    ("value", "what"), [("bouncd", "did you mean 'bounced'"), ("lost", "may be lost"), ([], "empty")]
)
def test_what_cannot_be_expected(value: object, what: str) -> None:
    with pytest.raises(ScenarioError, match=what):
        OutcomeExpectation.of(value, "outcome")
