"""run - how long a whole `gauntlet run` takes, against importing what it needs. (IO)"""

from __future__ import annotations

from pathlib import Path

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.measure import in_turns, python, seconds

_WITHIN_S = 10.0


@benchmarks.register("run")
def run() -> Figure:
    """1/s of every scenario in scenarios/, against the 10 s it may take.  Raises Unavailable."""
    if not Path("scenarios").is_dir():
        raise Unavailable("no scenarios/ here")
    ours, peer = in_turns(lambda: 1 / seconds(python("-m", "harness", "run", "-n", "2")), lambda: 1 / _WITHIN_S)
    return Figure("run", ours, peer, "1/s", "once in 10 s", 1.0)
