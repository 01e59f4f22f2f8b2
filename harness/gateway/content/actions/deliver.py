"""deliver - deliver a bulk mail as it is by now."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("deliver")
def deliver(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves, always."""
    state.said = "delivered"
    return Result.RESOLVED
