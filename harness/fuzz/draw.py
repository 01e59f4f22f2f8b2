"""draw - the few ways in which the grammar makes a choice; Hypothesis chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from hypothesis import strategies as st

Value = TypeVar("Value")
Draw = st.DrawFn


def pick(draw: Draw, values: Sequence[Value]) -> Value:
    """One of these."""
    return draw(st.sampled_from(values))


def weighted(draw: Draw, weights: Mapping[str, int]) -> str:
    """One of these words, each as often as its weight says."""
    at = draw(st.integers(0, sum(weights.values()) - 1))
    for word, weight in weights.items():
        if at < weight:
            return word
        at -= weight
    raise AssertionError(at)


def chance(draw: Draw, percent: int) -> bool:
    """True so often."""
    return draw(st.integers(0, 99)) >= 100 - percent


def several(draw: Draw, values: Sequence[Value], least: int, most: int) -> list[Value]:
    """So many of these, none twice, in any order."""
    most = min(most, len(values))
    places = st.lists(st.integers(0, len(values) - 1), min_size=min(least, most), max_size=most, unique=True)
    return [values[place] for place in draw(places)]


def many(draw: Draw, least: int, most: int) -> int:
    """A number."""
    return draw(st.integers(least, most))
