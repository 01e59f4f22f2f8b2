"""move - set the object aside, and put warn.txt in its place."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import can_replace, warn_txt
from harness.gateway.rule import Rule


@actions.register("move")
def move(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves when the object is stored and can be replaced; fails otherwise, and then nothing was moved."""
    if not can_replace(state, finding) or not state.keep(finding, state.body_of(finding)):
        return Result.FAILED
    where = state.said
    warn_txt(state, finding)
    state.said = f"{where}; {state.said}"
    return Result.RESOLVED
