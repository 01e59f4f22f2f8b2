"""conftest - a hand that draws: Hypothesis, seeded, outside of any test of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from harness.fuzz.draw import Draw

Value = TypeVar("Value")


def drawn(make: Callable[[Draw], Value], times: int, seeded: int = 1) -> list[Value]:
    """What so many draws give."""
    made: list[Value] = []

    @seed(seeded)
    @settings(
        max_examples=times, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.composite(make)())
    def each(value: Value) -> None:
        made.append(value)

    each()
    return made


@pytest.fixture
def draws() -> Callable[[Callable[[Draw], Value], int], list[Value]]:
    """draws(function, times) -> the values it draws."""
    return drawn
