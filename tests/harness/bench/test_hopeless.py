"""hopeless: what cannot hold any more is known at once; what may still hold is left alone."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import replace

import pytest

from harness.arrivals import parse_arrivals
from harness.bench.hopeless import Hope, values_at_most
from harness.bench.measured import Measured
from harness.bench.workload import Job, Turn
from harness.threshold import parse_threshold


def lost(text: str, seen: Measured, planned: int = 0) -> str:
    return Hope([parse_threshold(text)], planned).lost(seen)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("verdict.mismatch == 0", "verdict.mismatch == 0 is lost: 3 already"),
        ("verdict.mismatch < 3", "is lost: 3 already"),
        ("verdict.mismatch <= 3", ""),
        ("verdict.mismatch > 5", ""),  # it may still come
        ("verdict.reject <= 1", "is lost: 2 already"),
        ("errors.total <= 4", "is lost: 5 already"),
        ("errors.timeout == 0", "is lost: 1 already"),
        ("errors.reset == 0", ""),
        ("sessions.rate >= 1000/s", ""),
        ("verdict.reject <= 0.1 * verdict.accept", ""),
    ],
)
def test_counts_only_grow(text: str, said: str) -> None:
    seen = Measured(
        mismatches=Counter({"a: got 250": 3}), verdicts=Counter(reject=2), errors=Counter(refused=4, timeout=1)
    )
    found = lost(text, seen)
    assert said in found and bool(said) is bool(found)


def test_as_many_values_are_reckoned_with_as_there_can_be() -> None:
    plain = Job("a", (Turn(b"", ("connect",)), Turn(b"", ("mail", "rcpt")), Turn(b"", ("eom",))))
    several = replace(plain, turns=(*plain.turns, Turn(b"", ("rcpt", "rcpt"))))
    assert values_at_most([plain], 100, None, 0) == 100
    assert values_at_most([plain, several], 100, None, 0) == 300
    assert values_at_most([plain], 0, None, 10) == 0, "as many as the target lets in"
    assert values_at_most([plain], 0, parse_arrivals("10/s"), 3) == 31
    assert values_at_most([plain], 20, parse_arrivals("10/s"), 3) == 20
    random = parse_arrivals("poisson 10/s")
    most = values_at_most([plain], 0, random, 3)
    assert most < 80 and all(len(list(random.times(3, seed))) <= most for seed in range(500))


def test_of_a_quantile_so_many_may_be_above_as_its_share_of_what_is_planned() -> None:
    hope = Hope([parse_threshold("latency.eom.p99 < 250ms")], planned=1000)
    seen = Measured(latency={"eom": array("d", [0.3] * 10 + [0.1] * 50)})
    assert hope.lost(seen) == ""
    seen.latency["eom"].append(0.3)
    assert hope.lost(seen) == "latency.eom.p99 < 250ms is lost: 11 already above 250.00 ms, 10 may be"
    assert lost("latency.eom.max < 250ms", seen, 1000) and not lost("latency.eom.mean < 250ms", seen, 1000)
    assert not lost("latency.eom.p99 < 250ms", seen), "nobody knows how many will come"
