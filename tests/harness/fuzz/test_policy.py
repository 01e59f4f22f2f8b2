"""policy: what a policy server is drawn to say."""

import pytest

from harness.fuzz.policy import draw_policy
from harness.gateway.policy.access import parse_action
from harness.scenario import PolicyRule

pytestmark = pytest.mark.slow  # it draws a lot


def test_every_rule_is_one_of_a_scenario(draws) -> None:
    rules = [PolicyRule(**rule) for made in draws(draw_policy, 60) for rule in made]
    assert any(rule.raw is not None for rule in rules) and any("{sender}" in rule.action for rule in rules)
    assert len({parse_action(rule.action).word.upper() for rule in rules}) > 8
    assert {name for rule in rules for name in rule.match} >= {"protocol_state", "sender", "recipient", "sasl_username"}
