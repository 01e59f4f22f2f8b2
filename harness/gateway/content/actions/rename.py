"""rename - give the object a name that nothing runs: .vir behind it, in one spelling."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import put_name
from harness.gateway.rule import Rule

LONGEST = 200  # characters of the old name that are kept
_AVOIDED = '"\\/'


@actions.register("rename")
def rename(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves when the MIME part that holds the object has a name of its own and is not signed."""
    target = state.target(finding)
    names = target.entity.names
    if target.spans or not names:
        state.said = "it has no name in the mail"
        return Result.FAILED
    if target.entity.signed:
        state.said = "the part is signed"
        return Result.FAILED
    name = "".join(c if c.isprintable() and c not in _AVOIDED else "_" for c in names[0])[:LONGEST] + ".vir"
    put_name(state.draft, target, name)
    state.said = f"now {name}"
    return Result.RESOLVED
