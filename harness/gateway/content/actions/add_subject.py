"""add_subject - mark a bulk mail in its subject, once."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.rule import Rule


@actions.register("add_subject")
def add_subject(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the section's `extra_subject` before the subject."""
    own = state.antispam.extra_subject if state.antispam else ""
    state.draft.subject_prefix = own or state.strings("bulk_subject", finding)
    state.said = f"subject marked {state.draft.subject_prefix}"
    return Result.SIDE_EFFECT
