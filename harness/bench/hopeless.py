"""hopeless - is a threshold lost, whatever the rest of the load brings?  Then nobody need wait for it. Pure.

Counts only grow; of a quantile it is known how many values may lie above the limit, once it is known how many values
there will be.  A rate can always recover, so that nothing is said of rates.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from harness.arrivals import Arrivals
from harness.bench.measured import QUANTILES, Measured
from harness.bench.workload import Job
from harness.threshold import Threshold, shown

_GROWING = ("verdict.", "errors.")
_UPWARD = ("<", "<=", "==")


class Hope:
    """Looks at what one driver has seen so far, again and again; only what is new is looked at."""

    def __init__(self, thresholds: Sequence[Threshold], planned: int) -> None:
        """`planned`: values there will be of a phase, at most and of all drivers together; 0: nobody knows."""
        limits = [one for one in thresholds if not one.other and one.sign in _UPWARD]
        self._counts = [one for one in limits if one.metric.startswith(_GROWING)]
        self._quantiles = [
            (one, phase, int((1 - QUANTILES[word]) * planned + 1e-9))
            for one in limits
            if planned and one.metric.startswith("latency.")
            for phase, word in [tuple(one.metric.split(".")[1:])]
            if word in QUANTILES
        ]
        self._looked = [0] * len(self._quantiles)
        self._above = [0] * len(self._quantiles)

    def lost(self, seen: Measured) -> str:
        """The threshold that cannot hold any more, and why; "" while there is hope."""
        for threshold in self._counts:
            if (had := _count(threshold.metric, seen)) > threshold.number or (
                threshold.sign == "<" and had == threshold.number
            ):
                return f"{threshold.text} is lost: {had} already"
        for at, (threshold, phase, allowed) in enumerate(self._quantiles):
            samples = seen.latency.get(phase, ())
            self._above[at] += sum(value > threshold.number for value in samples[self._looked[at] :])
            self._looked[at] = len(samples)
            if self._above[at] > allowed:
                limit = shown(threshold.metric, threshold.number)
                return f"{threshold.text} is lost: {self._above[at]} already above {limit}, {allowed} may be"
        return ""


def values_at_most(jobs: Sequence[Job], sessions: int, arrivals: Arrivals | None, seconds: float) -> int:
    """How many values a phase has at most, of all drivers together; 0 where that depends on the target.

    A session has one for each reply, so that three recipients make three; random arrivals may be more than their rate
    says: six deviations more are seen once in some hundred million runs.
    """
    limits = [sessions] if sessions else []
    if arrivals and arrivals.peak and seconds:
        mean = arrivals.peak * seconds
        limits.append(math.ceil(mean + (6 * math.sqrt(mean) + 6 if arrivals.shape == "poisson" else 1)))
    each = (Counter(phase for turn in job.turns for phase in turn.phases) for job in jobs)
    return min(limits, default=0) * max((max(one.values(), default=1) for one in each), default=1)


def _count(metric: str, seen: Measured) -> int:
    family, _, word = metric.partition(".")
    if metric == "verdict.mismatch":
        return sum(seen.mismatches.values())
    if metric == "errors.total":
        return sum(seen.errors.values())
    return (seen.verdicts if family == "verdict" else seen.errors)[word]
