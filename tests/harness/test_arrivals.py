"""arrivals: what may be written, and that the rates are what was written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.arrivals import Arrivals, parse_arrivals


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("200/s", Arrivals("constant", (200.0,))),
        ("200", Arrivals("constant", (200.0,))),
        ("constant 12.5/s", Arrivals("constant", (12.5,))),
        ("poisson 200/s", Arrivals("poisson", (200.0,))),
        ("ramp 50..400/s", Arrivals("ramp", (50.0, 400.0))),
        ("step 50, 100,200/s", Arrivals("step", (50.0, 100.0, 200.0))),
        ("at 0.5, 0,1.25", Arrivals("at", (0.0, 0.5, 1.25))),
    ],
)
def test_what_may_be_written(text: str, made: Arrivals) -> None:
    assert parse_arrivals(text) == made


@pytest.mark.parametrize("text", ["", "fast", "ramp 50/s", "constant 1,2/s", "poisson -3/s", "200/min", "0/s", "at"])
def test_what_may_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"expects constant R/s|a rate must be 0.001/s to"):
        parse_arrivals(text)


@pytest.mark.parametrize(
    ("text", "seconds", "starts"),
    [("10/s", 1.0, 10), ("ramp 10..30/s", 2.0, 40), ("ramp 30..10/s", 2.0, 40), ("ramp 5..5/s", 2.0, 10),
     ("step 10,20/s", 2.0, 30), ("at 0,0.5,3", 2.0, 2)],
)  # fmt: skip
def test_as_many_as_the_rates_say(text: str, seconds: float, starts: int) -> None:
    assert len(list(parse_arrivals(text).times(seconds))) in (starts, starts + 1)


def test_poisson_comes_near_its_rate_and_is_the_same_for_the_same_seed() -> None:
    arrivals = parse_arrivals("poisson 1000/s")
    assert 900 < len(list(arrivals.times(1.0, 1))) < 1100
    assert list(arrivals.times(0.1, 7)) == list(arrivals.times(0.1, 7)) != list(arrivals.times(0.1, 8))


@given(
    st.sampled_from(["constant 50/s", "poisson 50/s", "ramp 1..90/s", "ramp 90..1/s", "step 5,50,9/s", "at 0,1,2"]),
    st.floats(0.1, 3),
)
def test_times_are_in_order_and_within_the_duration(text: str, seconds: float) -> None:
    times = list(parse_arrivals(text).times(seconds))
    assert all(0 <= time < seconds for time in times) and all(a <= b for a, b in pairwise(times))


@pytest.mark.parametrize("text", ["constant 50/s", "poisson 12.5/s", "ramp 1..90/s", "step 5,50/s", "at 0,1.25"])
def test_written_as_text_and_read_again_it_is_the_same(text: str) -> None:
    assert parse_arrivals(parse_arrivals(text).text) == parse_arrivals(text)


def test_the_same_shape_at_another_rate() -> None:
    assert parse_arrivals("ramp 50..150/s").at_rate(10) == Arrivals("ramp", (5.0, 15.0))
    assert parse_arrivals("ramp 50..400/s").peak == 400
