"""Patterns of answers that count as listed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gateway.policy.blocklist import Blocklist, matches, parse_pattern


@pytest.mark.parametrize(
    ("pattern", "address", "listed"),
    [
        ("127.0.0.2", "127.0.0.2", True),
        ("127.0.0.2", "127.0.0.3", False),
        ("127.0.0.[2]", "127.0.0.2", True),
        ("127.0.[0..1].[1..4;9]", "127.0.1.9", True),
        ("127.0.[0..1].[1..4;9]", "127.0.1.8", False),
        ("[127.0.0.[1;2]]", "127.0.0.1", True),
        ("[127].[0].[0].[4]", "127.0.0.4", True),
    ],
)
def test_pattern(pattern, address, listed):
    assert matches(parse_pattern(pattern), address) is listed


@pytest.mark.parametrize(
    "pattern",
    ["", "127.0.0", "127.0.0.2.1", "127.0.0.256", "127.0.0.[", "127.0.0.[]", "127.0.0.[4..1]", "a.b.c.d", "1.2.3.4x"],
)
def test_bad_pattern(pattern):
    with pytest.raises(ValueError, match="address pattern"):
        parse_pattern(pattern)


def test_without_a_pattern_every_answer_counts():
    assert Blocklist("rbl.test", "rbl.test").counts(("10.0.0.1",))


def test_one_answer_of_several_is_enough():
    assert Blocklist("", "", parse_pattern("127.0.0.9")).counts(("127.0.0.2", "127.0.0.9"))


@settings(max_examples=100)
@given(st.text(alphabet="0123456789.[];", max_size=20))
def test_patterns_parse_or_say_why_not(text):
    try:
        assert len(parse_pattern(text)) == 4
    except ValueError as error:
        assert text in str(error)
