"""reject - refuse the mail; the sender gets a bounce, or the reply to the dot."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("reject")
def reject(state: State, finding: Finding, rule: Rule) -> Result:
    """Ends the mail."""
    state.said = "the mail is refused"
    return Result.REJECT
