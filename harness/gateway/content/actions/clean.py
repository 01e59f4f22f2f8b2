"""clean - take the virus out of the file, where somebody has written down how."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import can_replace
from harness.gateway.mime_decode import encode_base64
from harness.gateway.rule import Rule


@actions.register("clean")
def clean(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves when a recipe is known and nothing is found afterwards; else fails."""
    data = state.body_of(finding)
    cleaned = state.signatures.disinfected(finding.name, data)
    if cleaned is None:
        state.said = f"nothing is known that cleans {finding.name}"
        return Result.FAILED
    if "/" in finding.path or not can_replace(state, finding):
        state.said = state.said or "the object is inside a container"
        return Result.FAILED
    if any(name == finding.name for name, _ in state.signatures.names_in(cleaned)):
        state.said = "it is still there after cleaning"
        return Result.FAILED
    entity = state.entities[finding.entity]
    head = b"".join(
        state.original[item.start : item.end] for item in entity.fields if item.name != "content-transfer-encoding"
    )
    state.changes[finding.entity] = head + b"Content-Transfer-Encoding: base64\n\n" + encode_base64(cleaned)
    state.said = f"{finding.name} taken out"
    return Result.RESOLVED
