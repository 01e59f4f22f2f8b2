"""versus_table: sides beside each other as text and as Markdown."""

from __future__ import annotations

from array import array

from harness.bench.measured import Measured
from harness.bench.outcome import Outcome
from harness.bench.versus_table import beside_text, page
from harness.threshold import parse_threshold

FIGURES = {f"latency.eom.{word}": 0.0123 for word in ("p50", "p90", "p99", "p999", "max")}
OUTCOMES = [
    Outcome("bench/x", "reference", {**FIGURES, "sessions.rate": 100.0}, (), Measured(latency={"eom": array("d", [0.0123] * 1000)}), ""),
    Outcome("bench/x", "postfix", {**FIGURES, "gateway.cpu": 0.5}, ((parse_threshold("verdict.mismatch == 0"), True),),
            Measured(hopeless="lost", latency={"eom": array("d", [0.0123] * 999)}), ""),
]  # fmt: skip


def test_text_has_a_column_a_side_and_the_sides_of_a_phase_one_below_the_other() -> None:
    lines = beside_text(OUTCOMES).splitlines()
    assert "  sessions.rate                100/s           -" in lines
    assert any(line.startswith("  eom       reference") and "12.30 ms" in line for line in lines)
    assert any(line.startswith("            postfix") and "12.30 ms" in line for line in lines)
    assert lines[-2:] == ["  given up: lost", "  ok         verdict.mismatch == 0 (not measured)"]


def test_a_quantile_that_no_value_exceeds_is_left_out() -> None:
    """p99.9 of 999 values is the greatest of them: one outlier, and no quantile."""
    (reference, postfix) = (line.split() for line in beside_text(OUTCOMES).splitlines() if "12.30" in line)
    assert reference[1:] == ["reference", *["12.30", "ms"] * 5]
    assert postfix == ["postfix", *["12.30", "ms"] * 3, "-", "12.30", "ms"]


def test_a_page_names_the_machine_the_day_and_its_command() -> None:
    machine = {"processors": "2", "processor": "EPYC", "system": "Linux 6", "python": "CPython 3.11"}
    text = page("bench/x", OUTCOMES, machine, "28 November 2026", "gauntlet bench x")
    assert "Written by `gauntlet bench x` on 28 November 2026: 2 processors (EPYC), Linux 6" in text
    assert "| gateway.cpu | - | 50% |" in text and "| eom | postfix | 12.30 ms |" in text and "| p99.9 |" in text
