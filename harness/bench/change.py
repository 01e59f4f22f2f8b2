"""change - a change that must not be: `latency.eom.p99:+10%` forbids that it grows by a tenth or more."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.bench.block import PEAKS, RATIOS
from harness.errors import did_you_mean
from harness.threshold import PHASES, QUANTILE_WORDS

_LINE = re.compile(r"(?P<metric>[a-z][a-z0-9_.]*)\s*:\s*(?P<sign>[+-])(?P<number>\d+(?:\.\d+)?)\s*%")
COMPARABLE = (
    *RATIOS, *PEAKS, *(f"latency.{phase}.{word}" for phase in PHASES for word in QUANTILE_WORDS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A figure, and the least relative change of it that is a failure: 0.1 upward, -0.1 downward."""

    text: str
    metric: str
    least: float


def parse_change(text: str) -> Change:
    """Raises ValueError, saying what is wrong and the nearest right name."""
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"expects FIGURE:+PERCENT% or FIGURE:-PERCENT%, as latency.eom.p99:+10%, got {text!r}")
    metric, number = found["metric"], float(found["number"]) / 100
    if metric not in COMPARABLE:
        raise ValueError(f"no figure {metric!r} that two runs can be compared by{did_you_mean(metric, COMPARABLE)}")
    if not number or (found["sign"] == "-" and number >= 1):
        raise ValueError(f"expects more than 0 %, and downward less than 100 %, got {text!r}")
    return Change(text.strip(), metric, -number if found["sign"] == "-" else number)
