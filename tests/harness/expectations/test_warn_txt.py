"""warn_txt: how many, how large, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.errors import ScenarioError
from harness.expectation import expectations
from harness.gateway.rule import Rule
from harness.observation import AskedRule, Delivery, Observation, SessionSeen
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


HEAD = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
WARN = (
    HEAD
    + b'Content-Disposition: attachment; filename="warn.txt"\r\nContent-Transfer-Encoding: base64\r\n\r\nZ29uZTogeA==\r\n--b--\r\n'
)


def delivery(data: bytes, to: str = "u@x") -> Delivery:
    return Delivery("Q", "a@b", (to,), data)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, P), (0, F), ({"size": 7}, P), ({"size": ">7"}, F), ({"contains": "gone"}, P), ({"contains": "Eicar"}, F),
        ({"not_contains": "gone"}, F), ({"not_contains": "Eicar", "count": 1}, P), ({"to": "v@x", "count": 0}, P), ({"to": "u@x", "count": 0}, F),
    ],
)  # fmt: skip
def test_what_arrived(value: Any, expected: Status, seen: Seen, whole: Observation) -> None:
    assert status("warn_txt", value, seen(deliveries=(delivery(WARN),)), whole) is expected


def test_none_arrived(seen: Seen, whole: Observation) -> None:
    mine = seen(deliveries=(delivery(HEAD + b"\r\nx\r\n--b--\r\n"),))
    assert status("warn_txt", 0, mine, whole) is P and status("warn_txt", {"size": 7}, mine, whole) is F


def test_a_line_that_is_too_long_for_smtp_fails(seen: Seen, whole: Observation) -> None:
    long = WARN.replace(b"base64\r\n\r\nZ29uZTogeA==", b"7bit\r\n\r\n" + b"x" * 999)
    assert status("warn_txt", {"size": 999}, seen(deliveries=(delivery(long),)), whole) is F


@pytest.mark.parametrize("value", [{}, True, {"siez": 1}, []])
def test_mistakes(value: Any) -> None:
    with pytest.raises(ScenarioError):
        expectations["warn_txt"].of(value, "warn_txt")  # type: ignore[attr-defined]
