"""delivery: what arrived at the next hop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.observation import Delivery, Observation, SessionSeen
from harness.result import Status

Seen = Callable[..., SessionSeen]


def status(key: str, value: object, seen: SessionSeen | None, whole: Observation) -> Status:
    """The worst status of what the expectation finds."""
    member = expectations[key].of(value, key)  # type: ignore[attr-defined]
    found = [finding.status for finding in member.check(seen, whole)]
    return next((one for one in (Status.FAILED, Status.SKIPPED) if one in found), Status.PASSED)


MAIL = Delivery("4F2A1C", "a@ok.test", ("b@gw.test",), b"Subject: x\r\n\r\nhello warn.txt\r\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, Status.PASSED),
        (0, Status.FAILED),
        (">=1", Status.PASSED),
        ({"count": 1, "to": "b@gw.test", "sender": "a@ok.test", "contains": "warn.txt"}, Status.PASSED),
        ({"to": "other@gw.test"}, Status.FAILED),
        ({"to": "other@gw.test", "count": 0}, Status.PASSED),
        ({"sender": ""}, Status.FAILED),
        ({"contains": "eicar"}, Status.FAILED),
        ({"contains": ["hello", "/warn.txt$/"]}, Status.FAILED),
        ({"contains": ["hello", "/warn.txt/"]}, Status.PASSED),
        ({"not_contains": "hello"}, Status.FAILED),
        ([], Status.FAILED),
        ({"header": {"subject": "/^x$/", "X-Spam": None}}, Status.PASSED),
        ({"header": {"Subject": "y"}}, Status.FAILED),
        ({"header": {"Subject": None}}, Status.FAILED),
        ({"header": {"X-Spam": "x"}}, Status.FAILED),
        ({"golden": "never-written.eml"}, Status.FAILED),
        ([{"to": "b@gw.test", "count": 1}, {"to": "c@gw.test", "count": 1}], Status.FAILED),
    ],
)
def test_count_people_and_content(value: object, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("deliveries", value, seen(deliveries=(MAIL,)), whole) is expected


def test_a_mail_is_compared_with_its_golden_but_for_its_queue_id(
    seen: Seen, whole: Observation, tmp_path: Path
) -> None:
    updating = replace(whole, extra={"file": str(tmp_path / "x.yaml"), "update_golden": "yes"})
    here = replace(whole, extra={"file": str(tmp_path / "x.yaml")})
    data = b"Received: by gw with SMTP id 4F2A1C; x\r\nSubject: caf\xe9\r\n\r\n"
    mail = replace(MAIL, data=data)
    assert status("deliveries", {"golden": "a.eml"}, seen(deliveries=(mail,)), updating) is Status.PASSED
    other = replace(MAIL, queue_id="5A2B3C", data=data.replace(b"4F2A1C", b"5A2B3C"))
    assert status("deliveries", {"golden": "a.eml"}, seen(deliveries=(other,)), here) is Status.PASSED
    changed = replace(other, data=data.replace(b"caf", b"Caf"))
    assert status("deliveries", {"golden": "a.eml"}, seen(deliveries=(changed,)), here) is Status.FAILED


def test_after_the_run_all_deliveries_count(whole: Observation) -> None:
    assert status("deliveries", 2, None, replace(whole, deliveries=(MAIL, MAIL))) is Status.PASSED


@pytest.mark.parametrize(
    "value", [{"form": "x"}, None, "many", {"contains": "/(/"}, {"header": "x"}, {"header": {"A": ""}}]
)
def test_what_is_no_delivery_is_told(value: object) -> None:
    with pytest.raises(ScenarioError):
        expectations["deliveries"].of(value, "deliveries")  # type: ignore[attr-defined]
