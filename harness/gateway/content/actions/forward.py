"""forward - send a bulk mail to somebody else as well."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("forward")
def forward(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the mail as it came, to the section's `forward_to`."""
    to = state.antispam.forward_to if state.antispam else ()
    state.forwards[:] = dict.fromkeys([*state.forwards, *to])
    state.said = f"forwarded to {', '.join(to)}"
    return Result.SIDE_EFFECT if to else Result.FAILED
