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


def test_a_set_that_ran_out_of_memory_looks_for_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """RE2 logs it, finds nothing, and tells nobody: what was not searched would pass for clean."""

    class Exhausted:
        def Match(self, data: bytes) -> None:
            return None

    one = PatternSet(["viagra", r"\bfree\b", "x{3}"])
    monkeypatch.setattr(one, "_set", Exhausted())
    assert one.found_in("viagra, XXX and \udcff") == [0, 2] and one.found_in("") == []


def test_patterns_that_do_not_fit_into_memory_are_refused() -> None:
    with pytest.raises(ValueError, match="200 patterns"):
        PatternSet([f"word{number}.{{0,20}}end" for number in range(200)], memory=100_000)
