"""delete - put warn.txt of the same size in the place of the object."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import put_warning
from harness.gateway.rule import Rule


@actions.register("delete")
def delete(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves unless the part is signed, or the mail is a header only; of the mail as a whole the header is left."""
    target = state.target(finding)
    if state.refuses(target):
        return Result.FAILED
    state.said = put_warning(state.draft, target, state.warn_text(finding))
    return Result.RESOLVED
