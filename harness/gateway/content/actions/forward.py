"""forward - send a bulk mail to somebody else as well."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("forward")
def forward(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the section's `forward_to`."""
    state.forwards += state.antispam.forward_to if state.antispam else ()
    state.said = f"forwarded to {', '.join(state.forwards) or 'nobody'}"
    return Result.SIDE_EFFECT
