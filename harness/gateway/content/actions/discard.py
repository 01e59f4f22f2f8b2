"""discard - throw the mail away without a word to its sender."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("discard")
def discard(state: State, finding: Finding, rule: Rule) -> Result:
    """Ends the mail."""
    state.said = "the mail is thrown away"
    return Result.DISCARD
