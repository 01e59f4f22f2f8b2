"""move - set the object aside, and put warn.txt in its place."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import put_warning
from harness.gateway.rule import Rule


@actions.register("move")
def move(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves when exactly what is taken out of the mail is stored; fails otherwise, and then nothing was moved."""
    target = state.target(finding)
    if state.refuses(target) or not state.keep(finding, target.data):
        return Result.FAILED
    where = state.said
    state.said = f"{where}; {put_warning(state.draft, target, state.warn_text(finding))}"
    return Result.RESOLVED
