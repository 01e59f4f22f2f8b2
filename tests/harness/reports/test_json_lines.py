"""json_lines: one object per session, the same in every run."""

from __future__ import annotations

import json
from collections.abc import Callable

from harness.observation import SessionSeen
from harness.reports.json_lines import json_lines, row
from harness.result import Finding, SessionResult, Status


def result(seen: SessionSeen | None, session: str = "one") -> SessionResult:
    finding = Finding("verdict", Status.PASSED, "reject", "reject", 3)
    return SessionResult(
        "policy/x", (("delay", "no"),), session, "reference", Status.PASSED, (finding,), seen, ("spam",)
    )


def test_a_row_tells_verdict_reply_rule_and_dialogue(seen: Callable[..., SessionSeen]) -> None:
    made = row(result(seen()), 0)
    assert (made["verdict"], made["phase"], made["code"], made["enhanced_status"]) == ("reject", "rcpt", 554, "5.7.1")
    assert made["rule"]["file"] == "main.cf" and made["rule"]["line"] == 12
    assert made["transcript"][-1] == "S: 554 5.7.1 Service unavailable; blocked using rbl.test"
    assert made["notifications"] is None, "not shown is null, not empty"
    assert json.loads(json.dumps(made)) == made


def test_rows_are_sorted_by_scenario_and_place_in_the_file(seen: Callable[..., SessionSeen]) -> None:
    rows = [row(result(seen(), "two"), 1), row(result(seen(), "one"), 0)]
    assert [json.loads(line)["session"] for line in json_lines(rows).splitlines()] == ["one", "two"]
    assert "index" not in json.loads(json_lines(rows).splitlines()[0])


def test_a_session_that_never_was_has_a_row_all_the_same() -> None:
    assert row(result(None), 0)["verdict"] == "none"
