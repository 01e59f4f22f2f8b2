"""pattern: CLASS [ENH] [TEXT | /regex/]."""

from __future__ import annotations

import pytest

from harness.errors import ScenarioError
from harness.smtp.pattern import parse_pattern
from harness.smtp.reply import reply

BLOCKED = reply(554, "5.7.1", "Service unavailable; Client host [192.0.2.7] blocked using rbl.test")


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("554", True), ("5xx", True), ("4xx|5xx", True), ("any", True), ("250", False), ("55x 5.7.x", True),
        ("554 5.7.1", True), ("554 5.7.2", False), ("554 5.7.1 Service unavailable", True), ("554 5.7.1 blocked", False),
        ("554 /blocked using rbl\\.test$/", True), ("554 5.7.1 /BLOCKED/i", True), ("554 /BLOCKED/", False),
        ("554 Service", True),
    ],
)  # fmt: skip
def test_a_reply_fits_or_not(pattern: str, fits: bool) -> None:
    assert parse_pattern(pattern).matches(BLOCKED) is fits
    assert str(parse_pattern(pattern)) == pattern


@pytest.mark.parametrize("text", ["", "hello", "9xx", "250 5.1.1", "250 /(/", "250 /a/z"])
def test_what_can_match_no_reply_is_told(text: str) -> None:
    with pytest.raises(ScenarioError):
        parse_pattern(text)
