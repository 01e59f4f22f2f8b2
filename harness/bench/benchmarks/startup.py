"""startup - how long `gauntlet --help` takes, against a bare interpreter; the floor keeps it below 0.3 s. (IO)"""

from __future__ import annotations

from harness.bench.benchmark import Figure, benchmarks
from harness.bench.measure import in_turns, python, seconds


@benchmarks.register("startup")
def startup() -> Figure:
    """1/s of `gauntlet --help`, against an interpreter that imports argparse."""
    ours, peer = in_turns(
        lambda: 1 / seconds(python("-m", "harness", "--help")), lambda: 1 / seconds(python("-c", "import argparse"))
    )
    return Figure("startup", ours, peer, "1/s", "python -c 'import argparse'", 0.1)
