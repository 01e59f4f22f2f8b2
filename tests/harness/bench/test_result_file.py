"""result_file: the JSON says what the table says, and its histograms are whole."""

from __future__ import annotations

import json
from collections import Counter

from harness.bench.block import Block
from harness.bench.bootstrap import Interval
from harness.bench.change import parse_change
from harness.bench.compare import Comparison, Conclusion
from harness.bench.histogram import Histogram, decode
from harness.bench.measured import Measured
from harness.bench.outcome import Outcome
from harness.bench.result_file import result_json
from harness.threshold import parse_threshold


def test_everything_is_in_it() -> None:
    blocks = tuple(Block({"seconds": 1.0}, {"eom": Histogram().record([value])}) for value in (0.1, 0.2))
    held = ((parse_threshold("verdict.mismatch == 0"), False),)
    seen = Measured(errors=Counter(reset=2), mismatches=Counter({"a: got 250": 1}), hopeless="lost")
    outcome = Outcome("bench/x", "now", {"sessions.rate": 5.0}, held, seen, "busy", blocks, "")
    change = parse_change("sessions.rate:-5%")
    compared = [
        Comparison(change, 2.0, 1.0, Interval(-0.5, -0.6, -0.4), Conclusion.WORSE),
        Comparison(change, None, None, None, Conclusion.INCONCLUSIVE, "too few"),
    ]
    made = json.loads(result_json([outcome], compared))
    (one,) = made["outcomes"]
    assert (one["status"], one["figures"], one["given_up"], one["inconclusive"]) == (
        99,
        {"sessions.rate": 5.0},
        "lost",
        "busy",
    )
    assert one["errors"] == {"reset": 2} and one["thresholds"] == [{"text": "verdict.mismatch == 0", "met": False}]
    assert decode(one["hdr"]["eom"]).total == 2
    assert made["comparisons"][0]["change"] == [-0.6, -0.5, -0.4] and made["comparisons"][0]["conclusion"] == "WORSE"
    assert made["comparisons"][1]["change"] is None and made["comparisons"][1]["why"] == "too few"
