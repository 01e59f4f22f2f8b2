"""delete - put warn.txt of the same size in the place of the object."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import can_replace, warn_txt
from harness.gateway.rule import Rule


@actions.register("delete")
def delete(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves unless the part is signed, or is the mail around other parts."""
    if not can_replace(state, finding):
        return Result.FAILED
    warn_txt(state, finding)
    return Result.RESOLVED
