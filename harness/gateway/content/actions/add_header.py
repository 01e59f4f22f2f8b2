"""add_header - mark a bulk mail with a header field."""

from __future__ import annotations

from harness.gateway.content.action import Result, State, actions
from harness.gateway.content.finding import Finding
from harness.gateway.message import header_line
from harness.gateway.rule import Rule


@actions.register("add_header")
def add_header(state: State, finding: Finding, rule: Rule) -> Result:
    """A side effect: the section's `extra_header`, `X-RAV-Bulk:` before a text without a name; never twice."""
    text = (state.antispam.extra_header if state.antispam else "") or state.strings("bulk_header", finding)
    name, colon, value = text.partition(":")
    line = header_line(name.strip(), value.strip()) if colon else header_line("X-RAV-Bulk", text)
    if line not in state.draft.headers and line not in state.draft.data.partition(b"\n\n")[0] + b"\n":
        state.draft.headers.append(line)
    state.said = line.decode("utf-8", "replace").strip()
    return Result.SIDE_EFFECT
