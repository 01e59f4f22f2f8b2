"""failure - what a person is told about a session that did not come out as expected: expected, seen, dialogue, rule."""

from __future__ import annotations

from harness.observation import SessionSeen
from harness.result import Finding, SessionResult, Status
from harness.transcript import transcript

_LONGEST = 60  # lines of a dialogue


def explain_failure(result: SessionResult, file: str) -> str:
    """Some lines, the most telling first."""
    lines = [f"{result.scenario}: {result.session}{_cell(result)}"]
    if result.status is Status.XPASSED:
        lines.append("  was expected to fail, and passed: take its `xfail` away")
    for finding in result.findings:
        if finding.status in (Status.FAILED, Status.ERROR):
            lines += explain_finding(finding, file)
    if result.seen is not None:
        lines += _evidence(result.seen)
    return "\n".join(lines)


def explain_finding(finding: Finding, file: str) -> list[str]:
    """Where it is written, what was expected, and what was seen instead."""
    place = f"{file}:{finding.line}" if finding.line else file
    return [
        f"  {place}: {finding.expectation}",
        *_block("expected", finding.expected),
        *_block("seen", finding.seen),
    ]


def _evidence(seen: SessionSeen) -> list[str]:
    lines = []
    if seen.rule is not None:
        lines.append(f"  decided by {seen.rule.place}: {seen.rule.element}")
        lines.append(f"             {seen.rule.rule}")
        lines.append(f"             {seen.rule.said}")
    lines.append(f"  verdict {seen.verdict}, after {seen.duration_ms:.0f} ms; the dialogue:")
    dialogue = transcript(seen).splitlines()
    shown = dialogue if len(dialogue) <= _LONGEST else [*dialogue[: _LONGEST // 2], "...", *dialogue[-_LONGEST // 2 :]]
    return [*lines, *(f"    {line}" for line in shown)]


def _block(name: str, text: str) -> list[str]:
    first, *rest = text.splitlines() or [""]
    more = [f"             {line}" for line in rest[:30]]
    return [f"    {name + ':':<10}{first}", *more]


def _cell(result: SessionResult) -> str:
    return "".join(f" [{name}={value}]" for name, value in result.cell)
