"""bootstrap: an interval of 95 % holds the truth about 95 times in a hundred, also with few measurements."""

from __future__ import annotations

import math
import random
from statistics import fmean

import pytest

from harness.bench.bootstrap import _student, bootstrap, trimmed_mean


@pytest.mark.parametrize(
    ("degrees", "share", "value"), [(4, 0.975, 2.776), (9, 0.975, 2.262), (19, 0.975, 2.093), (9, 0.995, 3.250)]
)
def test_students_t_is_that_of_the_tables(degrees: int, share: float, value: float) -> None:
    assert math.isclose(_student(share, degrees), value, rel_tol=0.005)


@pytest.mark.parametrize("many", [8, 20])
@pytest.mark.parametrize("draw", ["normal", "heavy tails"])
def test_the_truth_is_in_the_interval_as_often_as_it_says(many: int, draw: str) -> None:
    """Known cases: the mean of normal values, and the trimmed mean (true value 0) of such with one in ten ten times as far."""
    sampler = random.Random(many)
    held, rounds = 0, 200
    for number in range(rounds):
        values = [sampler.gauss(0, 1) for _ in range(many)]
        if draw == "heavy tails":
            values = [value * 10 if sampler.random() < 0.1 else value for value in values]
        statistic = fmean if draw == "normal" else trimmed_mean
        interval = bootstrap(
            [many], lambda drawn, v=values, s=statistic: s([v[n] for n in drawn]), resamples=200, seed=number
        )
        held += interval.low <= 0 <= interval.high
    assert 0.90 <= held / rounds <= 0.99, held / rounds


def test_the_same_seed_gives_the_same_interval_and_more_confidence_a_wider_one() -> None:
    sampler = random.Random(3)
    values = [sampler.random() for _ in range(20)]

    def made(**more: float) -> float:
        interval = bootstrap([20], lambda drawn: fmean(values[n] for n in drawn), **more)  # type: ignore[arg-type]
        assert interval.low <= interval.estimate <= interval.high
        return interval.high - interval.low

    assert made() == made() and made(confidence=0.99) > made() > made(confidence=0.8)


def test_independent_sets_are_drawn_each_for_itself() -> None:
    interval = bootstrap([3, 5], lambda one, other: float(len(one) * 10 + max(other) - max(other)))
    assert interval.estimate == interval.low == interval.high == 30


@pytest.mark.parametrize(("values", "wanted"), [([1, 2, 3, 4, 100], 3), ([5, 1], 3), ([7], 7)])
def test_a_trimmed_mean_ignores_what_is_far_out(values: list[float], wanted: float) -> None:
    assert trimmed_mean(values) == wanted
