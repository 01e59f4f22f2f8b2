"""bootstrap - how sure a figure is: its interval, by drawing the same measurements anew, seeded. Pure.

The percentile interval is too narrow for few measurements; its ends are moved out as far as Student's t says that a
mean's must (Hesterberg, What Teachers Should Know About the Bootstrap, 2015, 5.2: the expanded percentile interval).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and between what it lies as surely as was asked for."""

    estimate: float
    low: float
    high: float


def bootstrap(
    sizes: Sequence[int],
    statistic: Callable[..., float],
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> Interval:
    """The interval of a statistic of one or more independent sets of measurements, of these sizes, each 2 or more.

    The statistic is given, for each set, the places of what was drawn of it: so many of 0 to size - 1.
    """
    assert min(sizes) > 1, "one measurement says nothing of its own noise"
    random, sets = Random(seed), [range(size) for size in sizes]
    drawn = sorted(statistic(*(random.choices(one, k=len(one)) for one in sets)) for _ in range(resamples))
    tail = _expanded((1 - confidence) / 2, min(sizes))
    return Interval(statistic(*sets), _at(drawn, tail), _at(drawn, 1 - tail))


def trimmed_mean(values: Sequence[float], share: float = 0.2) -> float:
    """The mean without the lowest and the highest fifth: one disturbed measurement moves it little."""
    cut = int(len(values) * share)
    kept = sorted(values)[cut : len(values) - cut]
    return sum(kept) / len(kept)


def _expanded(tail: float, many: int) -> float:
    degrees = many - 1
    return _NORMAL.cdf(-math.sqrt(many / degrees) * _student(1 - tail, degrees))


def _student(share: float, degrees: int) -> float:
    """Student's t, by the expansion of Abramowitz and Stegun 26.7.5."""
    z = _NORMAL.inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    for power, term in enumerate(terms, 1):
        z += term / float(degrees**power)
    return z


def _at(inorder: Sequence[float], share: float) -> float:
    place = share * (len(inorder) - 1)
    below = int(place)
    above = min(below + 1, len(inorder) - 1)
    return inorder[below] + (inorder[above] - inorder[below]) * (place - below)
