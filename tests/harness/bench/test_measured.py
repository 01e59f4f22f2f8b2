"""measured: quantiles are values that were measured; parts add up."""

from __future__ import annotations

import pickle
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.histogram import Histogram
from harness.bench.hopeless import Hope
from harness.bench.measured import QUANTILES, Measured, one_after_another, quantiles, tells, together
from harness.threshold import parse_threshold


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200))
def test_quantiles_are_values_that_were_measured_and_in_order(samples: list[float]) -> None:
    found = quantiles(array("d", samples))
    values = [found[word] for word in QUANTILES]
    assert values == sorted(values) and set(values) <= set(samples)
    assert found["max"] == max(samples) and found["mean"] == pytest.approx(sum(samples) / len(samples))


@given(st.integers(1, 3000))
def test_a_quantile_is_the_same_wherever_it_is_told_and_given_up_on(many: int) -> None:
    samples = array("d", [float(number) for number in range(1, many + 1)])
    found, kept = quantiles(samples), Histogram([(number, 1) for number in range(1, many + 1)])  # up to 2048 exactly
    for word, share in QUANTILES.items():
        if found[word] <= 2000:
            assert found[word] == pytest.approx(kept.quantile(share) * 1e9)
        hope = Hope([parse_threshold(f"latency.eom.{word} <= {found[word]:.1f}s")], planned=many)
        assert not hope.lost(Measured(latency={"eom": samples})), f"{word} of {many} is met"
    assert quantiles(array("d", range(1, 101)))["p99"] == 99


@pytest.mark.parametrize(
    ("word", "many", "says"),
    [
        ("p999", 999, False),
        ("p999", 1000, True),
        ("p99", 99, False),
        ("p99", 100, True),
        ("p90", 10, True),
        ("max", 1, True),
    ],
)
def test_a_quantile_says_something_when_a_value_may_be_greater(word: str, many: int, says: bool) -> None:
    assert tells(word, many) is says
    assert (quantiles(array("d", range(many)))[word] < many - 1) is (says and word != "max")


def test_nothing_measured_is_no_figure() -> None:
    assert quantiles(array("d")) == {}
    assert "latency.eom.p99" not in Measured().figures()


def part(began: float, ended: float, finished: int, eom: list[float]) -> Measured:
    made = Measured(finished, finished, finished, 100, began, ended, 0.5, busiest=finished / 100)
    made.verdicts["accept"] = finished
    made.errors["reset"] = 1
    made.latency["eom"] = array("d", eom)
    return made


def test_drivers_side_by_side() -> None:
    whole = together([part(1.0, 3.0, 20, [0.1]), part(2.0, 5.0, 40, [0.2])])
    figures = whole.figures()
    assert figures["sessions.rate"] == 60 / 4 and figures["latency.eom.max"] == 0.2
    assert figures["errors.total"] == figures["errors.reset"] == 2 and figures["harness.cpu"] == 0.4


def test_rounds_one_after_another_do_not_count_the_time_between_them() -> None:
    whole = one_after_another([part(1.0, 2.0, 20, []), part(9.0, 10.0, 40, [])])
    assert whole.figures()["sessions.rate"] == pytest.approx(30)


def test_it_travels_between_processes() -> None:
    made = part(1.0, 2.0, 3, [0.1])
    assert pickle.loads(pickle.dumps(made)) == made


def test_the_rate_that_was_asked_for_is_that_of_the_intervals() -> None:
    first, second = Measured(started=11, due_s=1.0), Measured(started=10, due_s=0.9)
    assert together([first, second]).figures()["arrivals.rate"] == pytest.approx(20)  # 21 sessions within a second
    assert one_after_another([first, second]).figures()["arrivals.rate"] == pytest.approx(10)
    assert "arrivals.rate" not in Measured(started=5).figures(), "a closed loop asks for no rate"
