"""compare: known changes are found, none is invented, and noise is called what it is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.bench.block import Block
from harness.bench.bootstrap import Interval
from harness.bench.change import parse_change
from harness.bench.compare import Comparison, Conclusion, _conclusion, compare
from harness.bench.histogram import Histogram

HOLDS, WORSE, INCONCLUSIVE = Conclusion.HOLDS, Conclusion.WORSE, Conclusion.INCONCLUSIVE


def sides(factor: float, noise: float, pairs: int = 12, seed: int = 1) -> tuple[list[Block], list[Block]]:
    """Two sides, the second so many times slower; moments of the machine hit both blocks of a pair."""
    draw, made = random.Random(seed), ([], [])  # type: ignore[var-annotated]
    for _ in range(pairs):
        moment = draw.lognormvariate(0, 0.2)
        for side, slow in zip(made, (1.0, factor), strict=True):
            took = 0.001 * moment * slow * draw.lognormvariate(0, noise)
            amounts = {
                "sessions": 100.0,
                "seconds": 100 * took,
                "cpu_s": 80 * took,
                "speed": 1.0,
                "rss": 3e7,
                "files": 40.0,
            }
            side.append(Block(amounts, {"eom": Histogram().record(draw.expovariate(1 / took) for _ in range(100))}))
    return made


def compared(text: str, two: tuple[Sequence[Block], Sequence[Block]], **more: bool) -> Comparison:
    return compare(parse_change(text), *two, **more)


@pytest.mark.parametrize(
    ("text", "factor", "noise", "conclusion"),
    [
        ("gateway.cpu.session:+10%", 1.2, 0.03, WORSE),
        ("gateway.cpu.session:+10%", 1.0, 0.03, HOLDS),
        ("gateway.cpu.session:+10%", 1.03, 0.03, HOLDS),  # sure, but not worth a word
        ("gateway.cpu.session:+10%", 1.0, 0.6, INCONCLUSIVE),  # noise is not green
        ("sessions.rate:-10%", 1.2, 0.03, WORSE),
        ("sessions.rate:-10%", 0.8, 0.03, HOLDS),
        ("latency.eom.p50:+30%", 2.0, 0.03, WORSE),
        ("latency.eom.p90:+50%", 1.0, 0.03, HOLDS),
        ("latency.eom.max:+10%", 1.0, 0.03, INCONCLUSIVE),
        ("latency.eom.mean:+30%", 1.0, 0.03, HOLDS),
        ("gateway.rss.max:+5%", 1.5, 0.03, HOLDS),
    ],
)
def test_a_change_is_worse_only_if_it_is_both_sure_and_large(
    text: str, factor: float, noise: float, conclusion: Conclusion
) -> None:
    found = compared(text, sides(factor, noise))
    assert found.conclusion is conclusion, found
    assert found.interval is not None and found.interval.low <= found.interval.estimate <= found.interval.high


def test_twenty_percent_are_caught_and_nothing_is_called_slower_when_nothing_is() -> None:
    """With the noise of a shared machine: one block differs from the next by a tenth."""
    text, rounds = "gateway.cpu.session:+10%", 20
    caught = sum(compared(text, sides(1.2, 0.1, 24, n)).conclusion is WORSE for n in range(rounds))
    alarms = sum(compared(text, sides(1.0, 0.1, 24, n)).conclusion is WORSE for n in range(rounds))
    assert caught >= rounds * 0.95 and alarms <= rounds * 0.05, (caught, alarms)


def test_a_moment_that_slows_both_blocks_of_a_pair_does_not_blur_a_median() -> None:
    """The moments here differ by a fifth and more; the medians of a pair do not."""
    draw, made = random.Random(4), ([], [])  # type: ignore[var-annotated]
    for _ in range(12):
        moment = draw.lognormvariate(0, 0.5)
        for side, slow in zip(made, (1.0, 1.2), strict=True):
            took = [0.01 * moment * slow * draw.lognormvariate(0, 0.1) for _ in range(100)]
            side.append(Block({"seconds": 1.0}, {"eom": Histogram().record(took)}))
    sharp, blunt = compared("latency.eom.p50:+10%", made).interval, compared("latency.eom.p99:+10%", made).interval
    assert sharp and blunt and 0.15 < sharp.low < sharp.high < 0.25 and blunt.high - blunt.low > sharp.high - sharp.low


def test_pairs_with_an_unfit_block_do_not_count() -> None:
    old, new = sides(1.2, 0.03)
    few = [replace(block, unfit="late") if n % 2 else block for n, block in enumerate(old)]
    assert compared("sessions.rate:-5%", (few, new)).conclusion is WORSE  # six are left
    none = [replace(block, unfit="late") for block in new]
    found = compared("sessions.rate:-5%", (old, none))
    assert found.conclusion is INCONCLUSIVE and "only 0 blocks could be compared, 5 are needed" in found.why


def test_what_was_not_measured_is_inconclusive() -> None:
    bare = [Block({"seconds": 1.0})] * 6
    for text in ("gateway.cpu:+5%", "latency.eom.p50:+5%", "gateway.rss.max:+5%"):
        found = compared(text, (bare, bare))
        assert found.conclusion is INCONCLUSIVE and found.why == "not measured on both sides", text


def test_runs_of_different_times_are_held_against_the_machines_own_speed() -> None:
    old, new = sides(1.0, 0.03)[0], sides(1.5, 0.03, seed=9)[1]
    assert compared("gateway.cpu.session:+10%", (old, new), paired=False).conclusion is WORSE
    same = compared("gateway.cpu.session:+10%", (old, sides(1.0, 0.03, seed=9)[1]), paired=False)
    assert same.conclusion is INCONCLUSIVE, "one hour is not like the next"
    slower = [replace(block, amounts={**block.amounts, "speed": 0.8}) for block in new]
    found = compared("gateway.cpu.session:+10%", (old, slower), paired=False)
    assert found.conclusion is INCONCLUSIVE and "the machine itself is 20% slower than it was then" in found.why
    unknown = [replace(block, amounts={**block.amounts, "speed": 0.0}) for block in new]
    assert "was not measured" in compared("gateway.cpu.session:+10%", (old, unknown), paired=False).why


@pytest.mark.parametrize(
    ("least", "low", "estimate", "high", "conclusion"),
    [
        (0.1, 0.05, 0.12, 0.20, WORSE),
        (0.1, -0.01, 0.12, 0.20, INCONCLUSIVE),  # large, not sure
        (0.1, 0.01, 0.05, 0.12, INCONCLUSIVE),  # sure, not large - and perhaps large
        (0.1, 0.01, 0.05, 0.09, HOLDS),  # sure, and surely not large
        (0.1, -0.30, -0.20, -0.1, HOLDS),
        (0.1, -0.30, 0.0, 0.11, INCONCLUSIVE),
        (-0.1, -0.20, -0.12, -0.05, WORSE),
        (-0.1, -0.20, -0.12, 0.01, INCONCLUSIVE),
        (-0.1, -0.09, -0.05, -0.01, HOLDS),
        (-0.1, 0.1, 0.2, 0.3, HOLDS),
    ],
)
def test_sure_and_large(least: float, low: float, estimate: float, high: float, conclusion: Conclusion) -> None:
    assert _conclusion(least, Interval(estimate, low, high))[0] is conclusion
