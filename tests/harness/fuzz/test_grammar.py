"""grammar: a whole case is a plan, and the same seed draws the same one."""

import pytest
from hypothesis import strategies as st

from harness.fuzz import grammar
from harness.fuzz.grammar import cases

pytestmark = pytest.mark.slow  # it draws a lot


def test_every_case_makes_a_plan(draws) -> None:
    for case in draws(lambda draw: draw(cases(3)), 12):
        assert len(case.plan().sessions) == 3


@pytest.mark.parametrize(("protocols", "six"), [("ipv4", False), ("all", True)])
def test_nobody_calls_from_an_address_of_ipv6_where_there_is_none(
    protocols: str, six: bool, draws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grammar, "draw_parameters", lambda *about: {"inet_protocols": protocols})
    visits = [one for case in draws(lambda draw: draw(cases(8)), 4) for one in case.visits]
    assert any(":" in one.ip for one in visits) is six


def test_words_about_logins_come_with_logins(draws) -> None:
    visits = [one for case in draws(lambda draw: draw(cases(4, ["check_sasl_access"])), 10) for one in case.visits]
    assert sum(visit.login is not None for visit in visits) > len(visits) / 3


def test_the_same_seed_draws_the_same(draws) -> None:
    assert isinstance(cases(1), st.SearchStrategy)
    assert draws(lambda draw: draw(cases(2)), 3) == draws(lambda draw: draw(cases(2)), 3)
