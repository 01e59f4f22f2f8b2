"""terminal: a row per family and a total that adds up."""

from __future__ import annotations

from harness.reports.terminal import attack_families, not_checked, terminal


def line(scenario: str, status: str, verdict: str, session: str = "one", *unchecked: str) -> dict[str, object]:
    return {
        "scenario": scenario, "session": session, "status": status, "verdict": verdict, "unchecked": list(unchecked),
    }  # fmt: skip


def test_families_are_counted_and_added_up() -> None:
    rows = [
        line("policy/dnsbl", "passed", "reject"),
        line("policy/helo", "failed", "accept"),
        line("content/eicar", "passed", "quarantine"),
        line("content/eicar", "error", "none"),
        line("content/eicar", "xfailed", "defer", "one", "rule", "log"),
        line("content/eicar", "failed", "none", "(after)"),
        line("policy/helo", "skipped", "none", "(after)", "deliveries"),
    ]
    table = [part.split() for part in terminal(rows).splitlines()]
    assert table[0][:9] == ["family", "sessions", "passed", "failed", "error", "skipped", "accept", "refuse", "other"]
    assert table[0][9:] == ["unchecked", "(after)"]
    assert table[2] == ["content", "3", "2", ".", "1", ".", ".", "1", "2", "2", "1"]
    assert table[3] == ["policy", "2", "1", "1", ".", ".", "1", "1", ".", "1", "."]
    assert table[5] == ["total", "5", "3", "1", "1", ".", "1", "2", "2", "3", "1"]


def test_each_reason_why_nothing_was_checked_is_told_once() -> None:
    rows = [
        {**line("a", "skipped", "none", name), "findings": [{"seen": "no XCLIENT"}]}
        for name in ("one", "two", "(after)")
    ]
    assert not_checked([*rows, line("a", "passed", "accept")]) == "not checked: no XCLIENT (2 sessions)\n"
    assert not_checked([]) == ""


def test_attack_families_are_counted_and_those_that_were_not_tried_are_named() -> None:
    tags = [[f"family-{number}"] for number in range(1, 45)] + [
        ["clean", f"family-{number}"] for number in range(1, 44)
    ]
    rows = [{**line("content/families/x", "passed", "accept"), "tags": one} for one in tags]
    assert attack_families(rows) == (
        "attack families: 43 of 44 tried with a benign twin (44 attacks, 43 benign)\n  44  backscatter: no twin\n"
    )
    assert attack_families([{**line("policy/x", "passed", "accept"), "tags": ["spam"]}]) == ""
