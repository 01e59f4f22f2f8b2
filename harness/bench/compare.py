"""compare - the blocks of two sides -> by how much each figure changed, how sure that is, and what follows. Pure.

Slower is what is both sure (the interval does not hold zero) and worth a word (the least change that was named).
Neither is enough: a small change is found in any two runs if they are long enough, and a large one by chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from harness.bench.block import Block
from harness.bench.bootstrap import Interval, bootstrap, trimmed_mean
from harness.bench.change import Change
from harness.bench.histogram import Histogram
from harness.bench.measured import QUANTILES

LEAST = 5  # blocks of a side that say anything
_ENOUGH = 10  # values of a block beyond a quantile that make the block's own quantile worth comparing
_NOTHING = 1e-12  # in place of nothing at all, which has no ratio to anything
_APART = 0.15  # so much an unchanged gateway may differ between two runs on one busy machine (seen: 17 %)
_DRIFT = 0.5  # of the least change that was named: as much may the machine itself have changed between two runs


class Conclusion(Enum):
    """What a comparison says."""

    HOLDS = "holds"
    WORSE = "WORSE"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Comparison:
    """One figure on both sides, its relative change with interval, and the conclusion with its reason."""

    change: Change
    old: float | None
    new: float | None
    interval: Interval | None
    conclusion: Conclusion
    why: str = ""


def compare(
    change: Change, old: Sequence[Block], new: Sequence[Block], *, paired: bool = True, confidence: float = 0.95
) -> Comparison:
    """Hold one figure of two sides against each other.

    `paired`: block n of one side was measured beside block n of the other; a pair with an unfit block does not count.
    Else the sides were measured at different times, and the speed of the machine itself is held against it.
    """
    if paired:
        fit = [(one, other) for one, other in zip(old, new, strict=False) if not one.unfit and not other.unfit]
        old, new = [one for one, _ in fit], [other for _, other in fit]
    else:
        old, new = [one for one in old if not one.unfit], [one for one in new if not one.unfit]
    if min(len(old), len(new)) < LEAST:
        return _unsure(change, f"only {min(len(old), len(new))} blocks could be compared, {LEAST} are needed")
    before, after = _figure(change.metric, old), _figure(change.metric, new)
    had, has = before(range(len(old))), after(range(len(new)))
    if min(had, has) <= _NOTHING:
        return _unsure(change, "not measured on both sides")
    if not paired and (why := _drifted(change, old, new)):
        return Comparison(change, had, has, None, Conclusion.INCONCLUSIVE, why)
    values = (_in_each(change.metric, old), _in_each(change.metric, new))
    if paired and values[0] and values[1]:
        ratios = [math.log(two / one) for one, two in zip(*values, strict=True)]

        def typical(places: Sequence[int]) -> float:
            return math.expm1(trimmed_mean([ratios[place] for place in places]))

        interval = bootstrap([len(old)], typical, confidence=confidence)
    elif paired:
        interval = bootstrap([len(old)], lambda drawn: after(drawn) / before(drawn) - 1, confidence=confidence)
    else:
        apart = bootstrap(
            [len(old), len(new)], lambda first, second: after(second) / before(first) - 1, confidence=confidence
        )
        # The blocks of a run know nothing of what the next hour is like.
        interval = Interval(apart.estimate, apart.low - _APART, apart.high + _APART)
    return Comparison(change, had, has, interval, *_conclusion(change.least, interval))


def _conclusion(least: float, interval: Interval) -> tuple[Conclusion, str]:
    sign = 1 if least > 0 else -1
    surely, at_most = sorted((sign * interval.low, sign * interval.high))
    if surely > 0 and sign * interval.estimate >= abs(least):
        return Conclusion.WORSE, ""
    if at_most < abs(least):
        return Conclusion.HOLDS, ""
    return Conclusion.INCONCLUSIVE, "the interval holds both no failure and a failure: more pairs, or a quieter machine"


def _unsure(change: Change, why: str) -> Comparison:
    return Comparison(change, None, None, None, Conclusion.INCONCLUSIVE, why)


def _drifted(change: Change, old: Sequence[Block], new: Sequence[Block]) -> str:
    speeds = [[one.amounts["speed"] for one in side if one.amounts.get("speed")] for side in (old, new)]
    if not all(speeds):
        return "the machine's own speed was not measured at both times"
    drift = median(speeds[1]) / median(speeds[0]) - 1
    if abs(drift) > _DRIFT * abs(change.least):
        return f"the machine itself is {abs(drift):.0%} {'faster' if drift > 0 else 'slower'} than it was then"
    return ""


def _in_each(metric: str, blocks: Sequence[Block]) -> list[float]:
    """The figure of each block by itself; none where a block has too few values for it, as for a high quantile."""
    if not metric.startswith("latency."):
        return _each(metric, blocks)
    _, phase, word = metric.split(".")
    share = QUANTILES.get(word)
    histograms = [block.latency.get(phase, Histogram()) for block in blocks]
    if share is None or any(one.total * min(share, 1 - share) < _ENOUGH for one in histograms):
        return []
    return [one.quantile(share) or _NOTHING for one in histograms]


def _each(metric: str, blocks: Sequence[Block]) -> list[float]:
    return [block.figure(metric) or _NOTHING for block in blocks]


def _figure(metric: str, blocks: Sequence[Block]) -> Callable[[Sequence[int]], float]:
    """What gives the figure of these blocks, each as often as it was drawn."""
    if not metric.startswith("latency."):
        values = _each(metric, blocks)
        return lambda drawn: trimmed_mean([values[place] for place in drawn])
    _, phase, word = metric.split(".")
    histograms = [block.latency.get(phase, Histogram()) for block in blocks]
    if word == "mean":
        sums = [sum(value * many for value, many in one.values()) for one in histograms]
        totals = [one.total for one in histograms]
        return lambda drawn: sum(sums[place] for place in drawn) / max(sum(totals[place] for place in drawn), 1)
    return _pooled(QUANTILES[word], histograms)


def _pooled(share: float, histograms: Sequence[Histogram]) -> Callable[[Sequence[int]], float]:
    """The quantile of all that the drawn blocks hold together; looked for from the top, where those asked for are."""
    falling = sorted(
        ((value, many, place) for place, one in enumerate(histograms) for value, many in one.values()), reverse=True
    )
    totals = [one.total for one in histograms]

    def quantile(drawn: Sequence[int]) -> float:
        weights = [0] * len(histograms)
        for place in drawn:
            weights[place] += 1
        total = sum(weight * many for weight, many in zip(weights, totals, strict=True))
        above = total - max(1.0, share * total)  # so many values may be larger
        for value, many, place in falling:
            above -= weights[place] * many
            if above < -1e-9:
                return value
        return falling[-1][0] if falling else 0.0

    return quantile
