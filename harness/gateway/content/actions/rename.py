"""rename - give the object a name that nothing runs: .vir behind it, in one spelling."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule

_NAMES = ("content-type", "content-disposition")


@actions.register("rename")
def rename(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves when the object has a name of its own; a member of an archive, or one without a name, fails."""
    entity = state.entities.get(finding.entity)
    if entity is None or not entity.names or "/" in finding.path:
        state.said = "it has no name in the mail"
        return Result.FAILED
    name = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in entity.names[0]) + ".vir"
    kept = b"".join(state.original[item.start : item.end] for item in entity.fields if item.name not in _NAMES)
    head = (
        f'Content-Type: application/octet-stream; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
    )
    state.changes[finding.entity] = kept + head.encode() + b"\n" + state.original[entity.body : entity.end]
    state.said = f"{entity.names[0]} -> {name}"
    return Result.RESOLVED
