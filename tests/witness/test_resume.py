"""`gauntlet impact --state` is stopped from outside, in its middle and for good, and goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
GATEWAYS = ROOT / "corpus" / "gateways"


def command(where: Path, state: str, jobs: int) -> list[str]:
    old, new = str(GATEWAYS / "paper-2003-as-meant"), str(GATEWAYS / "paper-2003")
    return [
        sys.executable, "-m", "harness", "impact", old, new, "--corpus", str(where / "some.mix"), "--shard", "20",
        "--processes", str(jobs), "--state", str(where / state), "--json", str(where / f"{state}.json"),
        "--jsonl", str(where / f"{state}.jsonl"),
    ]  # fmt: skip


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def told(where: Path, state: str) -> tuple[Any, list[str]]:
    summary = json.loads((where / f"{state}.json").read_text())
    return {**summary, "seconds": 0}, (where / f"{state}.jsonl").read_text().splitlines()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_stopped_goes_on_with_equal_totals(tmp_path: Path, how: signal.Signals, jobs: int) -> None:
    mix = (ROOT / "corpus" / "mixes" / "paper.mix").read_text().replace("sessions: 10000", "sessions: 300")
    (tmp_path / "some.mix").write_text(mix)
    run = subprocess.Popen(
        command(tmp_path, "stopped", jobs), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    state, until = tmp_path / "stopped", time.monotonic() + 120
    while len(list(state.glob("*.json"))) < 3:
        assert run.poll() is None and time.monotonic() < until
        os.sched_yield()
    workers = children_of(run.pid)
    run.send_signal(how)
    _, said = run.communicate(timeout=60)
    assert run.returncode in (-how, 128 + how) and b"Traceback" not in said, said.decode()
    done = len(list(state.glob("*.json")))
    assert 3 <= done < 15 and not (tmp_path / "stopped.json").exists()
    while any(Path(f"/proc/{pid}").exists() for pid in workers):  # nobody goes on without the one who asked
        assert time.monotonic() < until
        os.sched_yield()
    for name in ("stopped", "whole"):
        subprocess.run(command(tmp_path, name, jobs), env=environment(), check=True, capture_output=True, timeout=120)
    assert told(tmp_path, "stopped") == told(tmp_path, "whole") and told(tmp_path, "whole")[0]["sessions"] == 300
