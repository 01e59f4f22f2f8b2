"""add_header - mark a bulk mail with a header field."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.message import header_line
from harness.gateway.rule import Rule


@actions.register("add_header")
def add_header(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the section's `extra_header`."""
    text = state.antispam.extra_header if state.antispam else ""
    name, colon, value = text.partition(":")
    line = header_line(name, value.strip()) if colon else header_line("X-RAV-Bulk", text or finding.detail)
    state.headers.append(line)
    state.said = line.decode("utf-8", "replace").strip()
    return Result.SIDE_EFFECT
