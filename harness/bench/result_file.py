"""result_file - what came of a load as JSON, for whatever reads it next. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from harness.bench.compare import Comparison
from harness.bench.histogram import Histogram
from harness.bench.outcome import Outcome


def result_json(outcomes: Iterable[Outcome], comparisons: Sequence[Comparison] = ()) -> str:
    """Figures in seconds, bytes and 1/s; latencies also as HdrHistogram V2 in ns, all blocks of a phase together."""
    made = {"outcomes": [_outcome(one) for one in outcomes], "comparisons": [_comparison(one) for one in comparisons]}
    return json.dumps(made, indent=1) + "\n"


def _outcome(one: Outcome) -> dict[str, Any]:
    whole: dict[str, Histogram] = {}
    for block in one.blocks:
        for phase, histogram in block.latency.items():
            whole.setdefault(phase, Histogram()).add(histogram)
    return {
        "scenario": one.scenario,
        "target": one.target,
        "status": one.status,
        "figures": dict(one.figures),
        "thresholds": [{"text": threshold.text, "met": met} for threshold, met in one.thresholds],
        "errors": dict(one.measured.errors),
        "mismatches": dict(one.measured.mismatches),
        "given_up": one.measured.hopeless,
        "inconclusive": one.overloaded,
        "ended": one.ended,
        "hdr": {phase: histogram.encode() for phase, histogram in whole.items()},
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    found = one.interval
    return {
        "figure": one.change.metric,
        "forbidden": one.change.least,
        "before": one.old,
        "after": one.new,
        "change": found and [found.low, found.estimate, found.high],
        "conclusion": one.conclusion.value,
        "why": one.why,
    }
