"""ignore - leave it as it is."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("ignore")
def ignore(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves, always."""
    state.said = "left as it is"
    return Result.RESOLVED
