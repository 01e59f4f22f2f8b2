"""limits: connections that the system forbids are told before any load; a soft limit is raised."""

from __future__ import annotations

import subprocess
import sys

import pytest

ASK = """
import resource, sys
from harness.bench.limits import allow_connections
from harness.errors import UsageError
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
try:
    allow_connections(int(sys.argv[1]))
except UsageError as error:
    print(error)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("many", "said"),
    [
        (20, ["100"]),
        (120, ["184"]),
        (5000, ["5000 connections at once need 5064 open files, and this process may have no more than 200 (ulimit -Hn): "
                "ask for 136 connections or fewer, or raise the limit", "100"]),
    ],
)  # fmt: skip
def test_as_many_as_are_needed(many: int, said: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", ASK, str(many)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == said
