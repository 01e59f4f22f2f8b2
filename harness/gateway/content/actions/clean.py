"""clean - take the virus out of the file, where somebody has written down how."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.content.replace import put_content
from harness.gateway.content.signature_store import SignatureStore
from harness.gateway.rule import Rule

MOST = 16  # names in one object; each is taken out in turn


@actions.register("clean")
def clean(state: State, finding: Finding, rule: Rule) -> Result:
    """Resolves when a recipe is known for everything in the object, and nothing is found afterwards; else fails."""
    target = state.target(finding)
    if target.part is None or target.spans:
        state.said = "there is no file to clean"
        return Result.FAILED
    cleaned = _cleaned(state.signatures, finding.name, target.part.data, target.part.type)
    if cleaned is None:
        state.said = f"nothing is known that cleans {finding.name}"
        return Result.FAILED
    if target.inside:
        state.said = "the object is inside a container"
        return Result.FAILED
    if state.refuses(target):
        return Result.FAILED
    if list(state.signatures.names_in(cleaned, target.part.type)):
        state.said = "it is still there after cleaning"
        return Result.FAILED
    put_content(state.draft, target, cleaned)
    state.said = f"{finding.name} taken out: {len(target.part.data)} -> {len(cleaned)} bytes"
    return Result.RESOLVED


def _cleaned(signatures: SignatureStore, name: str, data: bytes, type: str) -> bytes | None:
    """The object without this name and without any other that a recipe is known for; None without a recipe."""
    cleaned = signatures.disinfected(name, data)
    for _ in range(MOST):
        if cleaned is None or not (names := [found for found, _ in signatures.names_in(cleaned, type)]):
            return cleaned
        further = signatures.disinfected(names[0], cleaned)
        if further is None or further == cleaned:
            return cleaned
        cleaned = further
    return cleaned
