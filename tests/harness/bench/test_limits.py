"""limits: connections that the system forbids are told before any load; a soft limit is raised."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASK = """
import resource, sys
from harness.bench.limits import allow_connections
from harness.errors import UsageError
resource.setrlimit(resource.RLIMIT_NOFILE, (min(100, int(sys.argv[2])), int(sys.argv[2])))
try:
    allow_connections(int(sys.argv[1]))
except UsageError as error:
    print(error)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("many", "limit", "said"),
    [
        (20, 200, ["100"]),
        (120, 200, ["184"]),
        (10, 30, ["10 connections at once need 74 open files, and this process may have no more than 30 (ulimit -Hn): raise it", "30"]),
        (5000, 200, ["5000 connections at once need 5064 open files, and this process may have no more than 200 (ulimit -Hn): "
                "ask for 136 connections or fewer, or raise the limit", "100"]),
    ],
)  # fmt: skip
def test_as_many_as_are_needed(many: int, limit: int, said: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(many), str(limit)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == said


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no such call here")
def test_the_load_leaves_a_processor_where_there_are_two() -> None:
    ask = "import os; from harness.bench.limits import leave_a_processor as leave; leave(); print(*os.sched_getaffinity(0))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    have = sorted(os.sched_getaffinity(0))
    assert sorted(map(int, done.stdout.split())) == (have[1:] or have)
