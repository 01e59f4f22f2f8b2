from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from harness.gateway.rule import Rule
from harness.impact.coverage import Coverage
from harness.impact.coverage_report import cobertura_report, json_report, lcov_report, text_report
from harness.impact.inventory import Line, key_of

LINES = (
    Line(Rule("bw", 1, "a REJECT"), "hash:bw", "a REJECT", 2, 1, 1),
    Line(Rule("bw", 2, "b OK"), "hash:bw", "b OK", 2, 0, 0, never="`a` before it"),
    Line(Rule("main.cf", 9, "permit"), "list", "permit", 3, 3, 0),
    Line(Rule("main.cf", 9, "reject"), "list", "reject", shadowed="none came so far"),
)
COVERAGE = Coverage({key_of(line.rule): line for line in LINES}, 3, 1)


def test_the_text_marks_what_never_matched_and_says_why() -> None:
    text = "\n".join(text_report(COVERAGE))
    assert "       2        0        0!     2  b OK" in text and "never: `a` before it" in text
    assert "not in this corpus: none came so far" in text
    assert text.endswith("2 of 4 lines matched (50.0 %), 3 sessions, 1 failed")


def test_json_has_every_line() -> None:
    plain = json.loads(json_report(COVERAGE))
    assert plain["percent"] == 50 and [line["matched"] for line in plain["lines"]] == [1, 0, 3, 0]
    assert plain["lines"][1]["never"] and plain["lines"][3]["shadowed"] and not plain["lines"][0]["never"]


def test_lcov_counts_a_line_once_whatever_stands_in_it() -> None:
    lcov = lcov_report(COVERAGE, Path("/etc/x"))
    assert "SF:/etc/x/bw\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n" in lcov
    assert lcov.endswith("SF:/etc/x/main.cf\nDA:9,3\nLF:1\nLH:1\nend_of_record\n")


def test_cobertura_has_what_its_dtd_asks_for() -> None:
    root = ElementTree.fromstring(cobertura_report(COVERAGE, Path("/etc/a&b")))
    assert root.tag == "coverage" and root.get("lines-covered") == "2" and root.get("lines-valid") == "3"
    assert root.findtext("sources/source") == "/etc/a&b"
    classes = root.findall("packages/package/classes/class")
    assert [(one.get("filename"), one.get("line-rate")) for one in classes] == [("bw", "0.5000"), ("main.cf", "1.0000")]
    assert [(line.get("number"), line.get("hits")) for line in classes[0].iter("line")] == [("1", "1"), ("2", "0")]
