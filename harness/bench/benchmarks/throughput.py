"""throughput - scenarios/bench/throughput.yaml: its thresholds, and its sessions a second beside smtp-sink's. (IO)"""

from __future__ import annotations

from pathlib import Path

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.loadtest import load_scenario
from harness.bench.outcome import BREACHED
from harness.bench.rehearsal import Options

_SCENARIO = Path("scenarios/bench/throughput.yaml")


@benchmarks.register("throughput")
def throughput() -> Figure:
    """Sessions a second; a breached threshold of the scenario is a floor that is missed.  Raises Unavailable."""
    if not _SCENARIO.exists():
        raise Unavailable(f"no {_SCENARIO} here")
    outcome = load_scenario(_SCENARIO, Options())
    ours, peer = outcome.figures["sessions.rate"], outcome.figures["baseline.sessions.rate"]
    broken = "; ".join(threshold.text for threshold, met in outcome.thresholds if not met)
    failed = broken if outcome.status == BREACHED else ""
    return Figure("throughput", ours, peer, "1/s", "the same load on a sink", None, failed, outcome.overloaded)
