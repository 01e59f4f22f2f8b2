"""conservation: no mail gets lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import Delivery, Exchange, Observation, SessionSeen
from harness.result import Status
from harness.smtp.reply import reply

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


def test_every_accepted_mail_has_an_end(seen: Seen, whole: Observation) -> None:
    arrived = Delivery("A1", "", (), b"")
    kept = seen(queue_ids=("A1", "B2"), accounts=(("A1", "delivered"), ("B2", "held")), deliveries=(arrived,))
    lost = replace(kept, accounts=(("A1", "delivered"),))
    phantom = replace(kept, deliveries=())
    assert status("conservation", True, kept, whole) is Status.PASSED
    assert status("conservation", True, lost, whole) is Status.FAILED
    assert status("conservation", True, phantom, whole) is Status.FAILED
    assert status("conservation", True, None, replace(whole, sessions=(kept, lost))) is Status.FAILED


def test_a_target_without_accounts_is_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("conservation", True, seen(accounts=None), whole) is Status.SKIPPED


def test_mail_may_never_vanish() -> None:
    with pytest.raises(ScenarioError):
        expectations["conservation"].of(False, "conservation")  # type: ignore[attr-defined]


def ended(code: int) -> Exchange:
    return Exchange("end_of_data", b".\r\n", reply(code, ""))


def test_a_promise_of_which_the_target_knows_nothing_is_not_kept(seen: Seen, whole: Observation) -> None:
    session = seen((ended(250),), accounts=())
    assert status("conservation", True, session, whole) is Status.FAILED
    assert status("conservation", True, seen((ended(451),), accounts=()), whole) is Status.PASSED
