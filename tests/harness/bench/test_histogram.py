"""histogram: the values of HdrHistogram to its digits, its bytes to the bit; PyPI's hdrhistogram is the witness."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.histogram import Histogram, decode

SECONDS = st.lists(st.floats(0, 4000, allow_nan=False), max_size=50)


def close(seconds: float, wanted: float) -> bool:
    return wanted - 1e-9 <= seconds <= wanted * 1.001 + 2e-9


@given(SECONDS)
def test_written_and_read_it_is_the_same(values: list[float]) -> None:
    histogram = Histogram().record(values)
    assert decode(histogram.encode()).counts == histogram.counts and histogram.total == len(values)


@given(st.floats(0, 3600))
def test_any_value_keeps_three_digits(value: float) -> None:
    assert close(Histogram().record([value]).quantile(1.0), value)


@pytest.mark.parametrize(("share", "value"), [(0, 0.001), (0.5, 0.05), (0.9, 0.09), (0.99, 0.099), (1, 0.1)])
def test_quantiles_are_those_of_the_ranks(share: float, value: float) -> None:
    assert close(Histogram().record(n / 1000 for n in range(1, 101)).quantile(share), value)


def test_added_histograms_count_together() -> None:
    one, other = Histogram().record([0.001, 0.002]), Histogram().record([0.002])
    one.add(other)
    assert one.total == 3 and [many for _, many in one.values()] == [1, 2]
    assert Histogram().quantile(0.5) == 0.0


@pytest.mark.parametrize("text", ["", "!", "AAAA", Histogram().record([1]).encode()[:-8], "HISTFAAAAAB4nA=="])
def test_what_is_no_histogram_is_told(text: str) -> None:
    with pytest.raises(ValueError):
        decode(text)


def test_hdrhistogram_reads_ours_and_we_read_its() -> None:
    """The package of PyPI, of the same authors as the format."""
    hdrh = pytest.importorskip("hdrh.histogram")
    draw = random.Random(5)
    values = [draw.lognormvariate(-6, 2) for _ in range(5000)]
    ours, theirs = Histogram().record(values), hdrh.HdrHistogram(1, 3_600_000_000_000, 3)
    for value in values:
        theirs.record_value(int(value * 1e9))
    read = hdrh.HdrHistogram.decode(ours.encode())
    assert read.get_total_count() == theirs.get_total_count() == ours.total
    for percent in (0, 25, 50, 90, 99, 99.9, 100):
        wanted = theirs.get_value_at_percentile(percent)
        assert read.get_value_at_percentile(percent) == wanted
        assert abs(ours.quantile(percent / 100) - wanted / 1e9) <= wanted * 0.001 / 1e9
    assert decode(theirs.encode().decode()).counts == ours.counts
