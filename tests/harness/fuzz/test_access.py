"""access: every action is drawn."""

from harness.fuzz.access import draw_access, draw_check, draw_code
from harness.fuzz.vocabulary import ACCESS_ACTIONS, CHECK_ACTIONS
from harness.gateway.policy.access import parse_action


def test_every_action_of_access_tables_is_drawn(draws) -> None:
    kinds = {parse_action(value).word.upper() for value in draws(draw_access, 400)}
    named = {word for word in ACCESS_ACTIONS if word.isupper()}
    assert named <= kinds


def test_every_action_of_header_checks_is_drawn(draws) -> None:
    assert set(CHECK_ACTIONS) <= {value.partition(" ")[0].upper() for value in draws(draw_check, 300)}


def test_most_codes_are_codes(draws) -> None:
    codes = draws(draw_code, 60)
    assert sum(code[0] in "45" and len(code) == 3 for code in codes) > 40
