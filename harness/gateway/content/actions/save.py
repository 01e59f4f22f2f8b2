"""save - keep a copy of a bulk mail."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("save")
def save(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the whole mail as it came goes where the section's `quarantine` says; fails with the store."""
    folder = state.antispam.quarantine if state.antispam else ""
    return Result.SIDE_EFFECT if state.keep(finding, state.draft.data, folder) else Result.FAILED
