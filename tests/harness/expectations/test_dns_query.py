"""dns_query: what was asked of DNS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import DnsQuery, Observation, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


QUERIES = (DnsQuery("7.2.0.192.rbl.test", "A", "NOERROR"), DnsQuery("7.2.0.192.rbl.test", "TXT", "NOERROR"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"asked": ["7.2.0.192.rbl.test"]}, Status.PASSED),
        ({"asked": [{"name": "7.2.0.192.RBL.test.", "type": "A", "times": 1}]}, Status.PASSED),
        ({"asked": [{"name": "*.rbl.test", "times": 1}]}, Status.FAILED),
        ({"asked": ["mail.ok.test"]}, Status.FAILED),
        ({"not_asked": ["*.other.test"]}, Status.PASSED),
        ({"not_asked": ["*.rbl.test"]}, Status.FAILED),
    ],
)
def test_names_types_and_times(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("dns_query", value, seen(dns_queries=QUERIES), whole) is expected


def test_unattributed_questions_are_not_checked(seen: Seen, whole: Observation) -> None:
    assert status("dns_query", {"asked": ["x"]}, seen(dns_queries=None), whole) is Status.SKIPPED


@pytest.mark.parametrize("value", [{}, {"ask": []}, ["x"], {"asked": [{"type": "A"}]}])
def test_what_is_no_question_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["dns_query"].of(value, "dns_query")  # type: ignore[attr-defined]
