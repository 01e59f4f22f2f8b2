"""grammar: a whole case is a plan, and the same seed draws the same one."""

import pytest
from hypothesis import strategies as st

from harness.fuzz.grammar import cases

pytestmark = pytest.mark.slow  # it draws a lot


def test_every_case_makes_a_plan(draws) -> None:
    for case in draws(lambda draw: draw(cases(3)), 12):
        assert len(case.plan().sessions) == 3


def test_the_same_seed_draws_the_same(draws) -> None:
    assert isinstance(cases(1), st.SearchStrategy)
    assert draws(lambda draw: draw(cases(2)), 3) == draws(lambda draw: draw(cases(2)), 3)
