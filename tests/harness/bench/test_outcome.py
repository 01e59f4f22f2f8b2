"""outcome: which exit status a run deserves, and when the harness itself was too slow."""

from __future__ import annotations

import pytest

from harness.bench.measured import Measured
from harness.bench.outcome import Outcome, overload
from harness.threshold import parse_threshold


@pytest.mark.parametrize(
    ("text", "met", "overloaded", "status"),
    [
        ("sessions.rate > 1", True, "", 0),
        ("sessions.rate > 1", False, "", 99),
        ("sessions.rate > 1", None, "", 99),  # nobody measured it: no pass
        ("sessions.rate > 1", False, "busy", 6),
        ("sessions.rate > 1", True, "busy", 6),
        ("verdict.mismatch == 0", False, "busy", 99),  # a wrong verdict is no matter of speed
    ],
)
def test_exit_status(text: str, met: bool | None, overloaded: str, status: int) -> None:
    outcome = Outcome("s", "reference", {}, ((parse_threshold(text), met),), Measured(), overloaded)
    assert outcome.status == status


def test_a_load_that_was_given_up_is_no_pass() -> None:
    held = ((parse_threshold("verdict.mismatch == 0"), True),)
    seen = Measured(hopeless="sessions begin 10.0 s late: all connections are busy")
    assert Outcome("s", "reference", {}, held, seen, "").status == 6


def test_a_target_that_died_is_status_4_whatever_else() -> None:
    held = ((parse_threshold("verdict.mismatch == 0"), False),)
    assert Outcome("s", "reference", {}, held, Measured(), "busy", ended="the target died").status == 4


@pytest.mark.parametrize(
    ("figures", "open_loop", "said"),
    [
        ({"harness.cpu": 0.99, "gateway.cpu": 0.5}, False, "the load client took 99% of a processor"),
        ({"harness.cpu": 0.99, "gateway.cpu": 1.0}, False, ""),
        ({"harness.cpu": 0.5, "gateway.cpu": 0.2}, False, ""),
        ({"harness.cpu": 0.5, "gateway.cpu": 0.2, "harness.lag.p99": 0.05}, True, "began 50 ms late"),
        ({"harness.cpu": 0.5, "gateway.cpu": 0.2, "harness.lag.p99": 0.005}, True, ""),
        ({"harness.cpu": 0.5, "gateway.cpu": 0.2, "world.cpu": 0.97}, True, "DNS and next hop took 97% of a processor"),
        ({"harness.cpu": 0.5, "gateway.cpu": 1.2, "world.cpu": 0.97}, True, ""),
        ({"harness.cpu": 0.1, "errors.files": 3}, False, "ran out of file descriptors 3 times (ulimit -n)"),
        ({"harness.cpu": 0.99}, False, "the target only 0%"),
        ({"harness.cpu": 0.5, "world.lag.p99": 0.06}, True, "our own DNS and next hop answered up to 60 ms late"),
        ({"harness.cpu": 0.5, "world.lag.p99": 0.06}, False, ""),
        ({"harness.cpu": 0.5, "harness.loop.p99": 0.03}, False, "took 30 ms or more"),
    ],
)
def test_the_harness_knows_when_it_was_too_slow(figures: dict[str, float], open_loop: bool, said: str) -> None:
    found = overload(figures, open_loop=open_loop)
    assert said in found and bool(said) is bool(found)
