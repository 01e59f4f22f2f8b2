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

from harness.errors import TargetError
from harness.impact.causes import Tally, to_plain
from harness.impact.judge_shard import Job
from harness.impact.shards import judge_all
from harness.impact.source import Shard, shards_of

pytestmark = pytest.mark.witness

ROOT = Path(__file__).parent.parent.parent
GATEWAYS = ROOT / "corpus" / "gateways"
JOB = Job(str(GATEWAYS / "paper-2003-as-meant"), str(GATEWAYS / "paper-2003"), rows=True)
Cluster = tuple[str, list[subprocess.Popen[bytes]]]


def wait_for(condition: Any, seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not come to that in time"
        time.sleep(0.05)
    return found


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="distributed is not installed")
    about = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__PRELOAD": "[]"}

    elsewhere = tmp_path / "elsewhere"  # a worker's working directory is its own
    elsewhere.mkdir()

    def start(module: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        return subprocess.Popen(
            command, cwd=elsewhere, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
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


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Shard]:
    """20 shards of generated mail, named as seen from here."""
    monkeypatch.chdir(tmp_path)
    mix = (ROOT / "corpus" / "mixes" / "paper.mix").read_text().replace("sessions: 10000", "sessions: 1000")
    (tmp_path / "some.mix").write_text(mix)
    return list(shards_of([Path("some.mix")], size=50))


def test_the_totals_are_equal_and_a_killed_worker_costs_nothing(cluster: Cluster, shards: list[Shard]) -> None:
    address, (_, doomed, _) = cluster
    rows: list[Any] = []

    def written(some: list[Any]) -> None:
        rows.extend(some)
        if doomed.poll() is None:
            doomed.send_signal(signal.SIGKILL)

    there = judge_all(JOB, shards, scheduler=address, write=written)
    here = judge_all(JOB, shards, jobs=1)
    assert doomed.poll() is not None
    assert totals(there) == totals(here) and here.sessions == 1000 and here.changed
    assert len(rows) == here.sessions


def test_a_scheduler_that_dies_is_told_in_one_line(cluster: Cluster, shards: list[Shard]) -> None:
    address, (scheduler, *_) = cluster

    def written(some: list[Any]) -> None:
        if scheduler.poll() is None:
            scheduler.send_signal(signal.SIGKILL)

    with pytest.raises(TargetError, match=rf"scheduler {address}: ") as error:
        judge_all(JOB, shards, scheduler=address, write=written)
    assert "\n" not in str(error.value)


def test_a_run_goes_on_on_the_cluster_where_it_stopped_without(
    cluster: Cluster, shards: list[Shard], tmp_path: Path
) -> None:
    address, _ = cluster
    state = tmp_path / "state"

    class Enough(Exception):
        pass

    def stop(some: list[Any]) -> None:
        if len(list(state.glob("*.json"))) >= 3:
            raise Enough

    with pytest.raises(Enough):
        judge_all(JOB, shards, jobs=1, state=state, write=stop)
    assert 3 <= len(list(state.glob("*.json"))) < len(shards)
    there = judge_all(JOB, shards, scheduler=address, state=state)
    assert totals(there) == totals(judge_all(JOB, shards, jobs=1))


def totals(tally: Tally) -> dict[str, Any]:
    return {**to_plain(tally), "seconds": 0}
