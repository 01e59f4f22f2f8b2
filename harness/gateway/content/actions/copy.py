"""copy - set a copy of the object aside, and go on."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("copy")
def copy(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect; a store that fails is said and changes nothing."""
    state.keep(finding, state.body_of(finding))
    return Result.SIDE_EFFECT
