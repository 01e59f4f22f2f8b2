from __future__ import annotations

from harness.impact.agreement import Agreement
from harness.impact.causes import Tally
from harness.impact.diff import compare
from harness.impact.report import markdown_report, text_report

from .conftest import cause, fate, sample

AGREED = (Agreement("T-1", label="spam"), Agreement("T-2", label="ham"))


def tally() -> Tally:
    made = Tally(sessions=7, decided=6, failed=1, failures=[("x/broken", "no envelope")])
    old, new = fate(cause=cause()), fate("reject", cause=cause("dul.regexp", 2, "/x/ REJECT"), text="554 5.7.1 no")
    for number in range(6):
        change = compare(sample(id=f"m{number}", label="ham", sender=f"s{number}@good.test", origin="x"), old, new)
        assert change is not None
        made.add(change)
        made.verdicts["accept", "reject"] += 1
        made.labels["ham"] += 1
    reworded = compare(sample(), old, fate(cause=cause(text="other")))
    assert reworded is not None
    made.add(reworded)
    made.agreed[0] = 3
    made.noise["text", "main.cf:1"] = 2
    return made


def test_the_report_names_both_lines_and_who_is_concerned() -> None:
    text = "\n".join(text_report("a", "b", tally(), AGREED))
    for expected in (
        "7 sessions = 6 decided + 1 failed (ham 6)", "failed: x/broken: no envelope", "accept -> reject",
        "! 1. blocked-legit: wanted mail does not arrive any more: 6", "main.cf:1", "dul.regexp:2", "/x/ REJECT",
        "s0@good.test 1, s1@good.test 1, s2@good.test 1, s3@good.test 1 and 2 more", "e.g. x/m0 (ham): 192.0.2.7",
        "new: 554 5.7.1 no", "agreed in T-1: 3 sessions", "agreed in T-2: 0 sessions (nothing like it happened)",
        "noise, left out: text differs", "1 sessions have the same fate by another rule",
    ):  # fmt: skip
        assert expected in text, expected


def test_markdown_says_the_same_in_a_table() -> None:
    text = "\n".join(markdown_report("a", "b", tally(), AGREED))
    assert "| 6 | accept -> reject | **blocked-legit** | wanted mail does not arrive any more |" in text
    assert "- new rule: `dul.regexp:2` `/x/ REJECT`" in text and "agreed in T-1" in text


def test_groups_beyond_the_most_are_counted() -> None:
    assert any("1 more causes (6 sessions)" in line for line in text_report("a", "b", tally(), (), 0))
    assert any("1 more causes" in line for line in markdown_report("a", "b", tally(), (), 0))
