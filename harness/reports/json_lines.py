"""json_lines - one JSON object per session, and one for a run as a whole that does not hold.

Two runs with one seed are equal but for `duration_ms`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harness.observation import Exchange, SessionSeen
from harness.report import WHOLE, Row, reports
from harness.result import Finding, ScenarioResult, SessionResult, Status, status_of, unchecked
from harness.transcript import masked, transcript


@reports.register("json_lines")
def json_lines(rows: Sequence[Row]) -> str:
    """All rows, sorted by scenario, cell and place in the file; a run as a whole only when it does not hold."""
    bad = (Status.FAILED.value, Status.ERROR.value)
    told = [row for row in rows if row["session"] != WHOLE or row["status"] in bad]
    ordered = sorted(told, key=lambda row: (row["scenario"], json.dumps(row["cell"]), row["target"], row["index"]))
    public = [{name: value for name, value in row.items() if name != "index"} for row in ordered]
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=False) + "\n" for row in public)


def row_of_whole(result: ScenarioResult, index: int, tags: Sequence[str]) -> dict[str, Any]:
    """What `after:` and the strict rules say of a run, in the shape of a session's row."""
    status = status_of(result.findings)
    return row(
        SessionResult(result.scenario, result.cell, WHOLE, result.target, status, result.findings, None, tuple(tags)),
        index,
    )


def row(result: SessionResult, index: int) -> dict[str, Any]:
    """A session's result as plain values; queue ids, dates and ports are masked."""
    seen = result.seen or SessionSeen(result.session)
    last = _telling(seen)
    rule = seen.rule
    return {
        "index": index,
        "scenario": result.scenario,
        "cell": dict(result.cell),
        "session": result.session,
        "target": result.target,
        "tags": list(result.tags),
        "status": result.status.value,
        "verdict": seen.verdict,
        "phase": last.phase if last else None,
        "code": last.reply.code if last and last.reply else None,
        "enhanced_status": last.reply.status if last and last.reply else None,
        "text": masked(last.reply.text, seen.queue_ids) if last and last.reply else None,
        "rule": None
        if rule is None
        else {
            "place": rule.place,
            "element": rule.element,
            "file": rule.rule.file,
            "line": rule.rule.line,
            "text": rule.rule.text,
        },
        "deliveries": None
        if seen.deliveries is None
        else [
            {
                "sender": d.sender,
                "recipients": list(d.recipients),
                "size_bytes": len(masked(_text(d.data), (d.queue_id,))),
            }
            for d in seen.deliveries
        ],
        "notifications": None
        if seen.notifications is None
        else sorted(
            ({"kind": n.kind, "to": n.to, "subject": masked(n.subject, seen.queue_ids)} for n in seen.notifications),
            key=str,
        ),
        "quarantine": None
        if seen.quarantine is None
        else [{"path": q.path, "reason": q.reason, "size_bytes": len(q.data)} for q in seen.quarantine],
        "dns_queries": None
        if seen.dns_queries is None
        else [{"name": q.name, "type": q.type, "outcome": q.outcome} for q in seen.dns_queries],
        "unchecked": list(unchecked(result.findings)),
        "findings": [_finding(finding, seen.queue_ids) for finding in result.findings],
        "duration_ms": round(seen.duration_ms, 3),
        "transcript": transcript(seen).splitlines(),
    }


def _telling(seen: SessionSeen) -> Exchange | None:
    """The exchange that made the fate: the last refusal, else the reply to the content, else the last of all."""
    refused = [e for e in seen.exchanges if e.reply is not None and e.reply.code >= 400 and e.phase != "quit"]
    content = [e for e in seen.exchanges if e.phase == "end_of_data"]
    for candidates in (refused, content, list(seen.exchanges)):
        if candidates:
            return candidates[-1]
    return None


def _finding(finding: Finding, queue_ids: tuple[str, ...]) -> dict[str, Any]:
    told = {"expectation": finding.expectation, "status": finding.status.value, "line": finding.line}
    if finding.met:
        return told
    return {**told, "expected": finding.expected, "seen": masked(finding.seen, queue_ids)}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
