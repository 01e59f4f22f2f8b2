"""A real Dask scheduler and two worker processes: the same totals, also when one of the workers is killed in mid-run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.impact.causes import to_plain
from harness.impact.judge_shard import Job
from harness.impact.shards import judge_all
from harness.impact.source import shards_of

pytest.importorskip("distributed", reason="distributed is not installed")
pytestmark = pytest.mark.witness

ROOT = Path(__file__).parent.parent.parent
GATEWAYS = ROOT / "corpus" / "gateways"
JOB = Job(str(GATEWAYS / "paper-2003-as-meant"), str(GATEWAYS / "paper-2003"))


def wait_for(condition: Any, seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not come to that in time"
        time.sleep(0.05)
    return found


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    about = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__PRELOAD": "[]"}

    def start(module: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    started = [
        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(about))
    ]
    try:
        wait_for(about.exists)
        address = wait_for(lambda: json.loads(about.read_text() or "{}").get("address"))
        one = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1")
        started += [start("dask_worker", address, *one, "--local-directory", str(tmp_path)) for _ in range(2)]
        yield address, started
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_the_totals_are_equal_and_a_killed_worker_costs_nothing(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    address, (_, doomed, _) = cluster
    shards = list(shards_of([ROOT / "scenarios"])) * 3
    rows: list[Any] = []

    def written(some: list[Any]) -> None:
        rows.extend(some)
        if len(rows) > 60 and doomed.poll() is None:
            doomed.send_signal(signal.SIGKILL)

    job = Job(JOB.old, JOB.new, rows=True)
    there = judge_all(job, shards, scheduler=address, write=written)
    here = judge_all(job, shards, jobs=1)
    assert doomed.poll() is not None
    assert {**to_plain(there), "seconds": 0} == {**to_plain(here), "seconds": 0}
    assert len(rows) == here.sessions
