"""copy - set a copy of the object aside, and go on."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("copy")
def copy(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the part is stored, or the mail when the finding is about the mail; fails when the store does."""
    return Result.SIDE_EFFECT if state.keep(finding, state.target(finding).data) else Result.FAILED
