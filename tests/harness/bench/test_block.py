"""block: the figures of one stretch of load, by the names that thresholds use."""

from __future__ import annotations

from array import array

import pytest

from harness.bench.block import Block, block_of
from harness.bench.measured import Measured

BLOCK = block_of(
    Measured(finished=50, messages=40, bytes=1000, began_at=10.0, ended_at=12.0, latency={"eom": array("d", [0.5])}),
    {"cpu_s": 0.5, "rss": 7.0},
)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("sessions.rate", 25), ("messages.rate", 20), ("bytes.rate", 500), ("gateway.cpu", 0.25), ("gateway.cpu.session", 0.01),
        ("gateway.rss.max", 7), ("gateway.files.max", None), ("latency.eom.p50", None),
    ],
)  # fmt: skip
def test_figures_by_name(metric: str, value: float | None) -> None:
    assert BLOCK.figure(metric) == value


def test_latencies_are_kept_as_histograms_and_nothing_is_divided_by_nothing() -> None:
    assert BLOCK.latency["eom"].total == 1 and abs(BLOCK.latency["eom"].quantile(1) - 0.5) < 0.001
    assert Block({"seconds": 1.0, "sessions": 0.0, "cpu_s": 1.0}).figure("gateway.cpu.session") is None
