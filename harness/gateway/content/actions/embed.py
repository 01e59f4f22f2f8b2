"""embed - wrap a bulk mail into another one that says what it is."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("embed")
def embed(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the original goes along as message/rfc822 below the section's `embedded_msg`."""
    own = state.antispam.embedded_msg if state.antispam else ""
    state.draft.embedded_in = own or state.strings("bulk_embedded", finding)
    state.said = "wrapped"
    return Result.SIDE_EFFECT
