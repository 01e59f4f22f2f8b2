"""first_session - from the start of `gauntlet run` to its first session, against the 0.5 s it may take. (IO)"""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from statistics import median

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.measure import ROUNDS, python

_WITHIN_S = 0.5
_SCENARIO = Path("scenarios/smtp/helo.yaml")

# The whole command, but for one thing: the first session says when it begins (time.monotonic is the machine's).
_COMMAND = """
import os, sys, time
told = os.dup(2)  # pytest takes the other one
from harness.replay import client
real = client.replay
def replay(*arguments, **named):
    os.write(told, b"began at %f" % time.monotonic())
    client.replay = real
    return real(*arguments, **named)
client.replay = replay
from harness.cli import main
sys.exit(main(["run", *sys.argv[1:]]))
"""


@benchmarks.register("first_session")
def first_session() -> Figure:
    """1/s: a run of one scenario, up to its first session.  Raises Unavailable."""
    if not _SCENARIO.exists():
        raise Unavailable(f"no {_SCENARIO} here")
    return Figure("first_session", 1 / median(_once() for _ in range(ROUNDS)), 1 / _WITHIN_S, "1/s", "0.5 s", 1.0)


def _once() -> float:
    started = time.monotonic()
    done = subprocess.run(python("-c", _COMMAND, str(_SCENARIO)), capture_output=True, text=True, check=False)
    found = re.search(r"began at ([0-9.]+)", done.stderr)
    if found is None:
        raise Unavailable(f"gauntlet run {_SCENARIO}: {(done.stdout + done.stderr).strip()[-300:]}")
    return float(found[1]) - started
