"""linear: what it finds, what it refuses, and that nothing stalls it."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.linear import PatternSet, compile_pattern


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", r"(a)\1", "(?=a)", "[z-a]"])
def test_what_the_engine_cannot_do_in_linear_time_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        compile_pattern(pattern)


def test_a_set_finds_each_of_its_patterns_in_one_pass() -> None:
    one = PatternSet(["viagra", r"\bfree\b", "x{3}"])
    assert (
        sorted(one.found_in("Buy VIAGRA, for Free")) == [0, 1]
        and one.found_in("freedom xx") == []
        and one.found_in("XXX") == [2]
    )


def test_a_set_says_which_pattern_is_none() -> None:
    with pytest.raises(ValueError, match=r"\(\?=a\)"):
        PatternSet(["a", "(?=a)"])


@given(st.text(alphabet="abc \n\udcff\u00df", max_size=40))
def test_a_set_agrees_with_the_engine_of_python(text: str) -> None:
    patterns = ["a+b", "^a", "c$", r"b\s+c", "[ab]{3}", "\u00df"]
    plain = text.encode("utf-8", "replace").decode()
    assert sorted(PatternSet(patterns).found_in(text)) == [
        index for index, pattern in enumerate(patterns) if re.search(pattern.replace("$", r"\Z"), plain, re.IGNORECASE)
    ]


def test_a_long_text_costs_little() -> None:
    one = PatternSet([r"(a+)+$", r"<img[^>]*width", r"(a|aa)+!"])
    started = time.process_time()
    assert one.found_in("a" * 200_000 + "b" + "<img " * 40_000) == []
    assert time.process_time() - started < 2.0
