"""The shipped scenarios as a whole: no careless gateway passes them, and a run says the same whenever it is repeated."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cell import run_loop
from harness.judge import judge
from harness.load import find_scenarios, load
from harness.plan import plan
from harness.result import Status
from harness.run import run
from harness.target import Running, World
from harness.targets.reference import ReferenceTarget

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"


class Careless(ReferenceTarget):
    """A gateway that treats every mail alike, whatever the scenario wants it to be configured like."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def start(self, world: World) -> Running:
        return await super().start(replace(world, config=ROOT / "corpus/gateways" / self.name, set={}, rav={}))


@pytest.mark.parametrize("name", ["accept-all", "reject-all"])
def test_a_careless_gateway_fails_every_family(name: str, tmp_path: Path) -> None:
    failed: dict[str, int] = defaultdict(int)
    for number, file in enumerate(find_scenarios([SCENARIOS])):
        loaded = load(file)
        planned = plan(loaded, loaded.cells[0])
        family = file.parent.relative_to(SCENARIOS).as_posix()
        failed[family] += 0
        if planned.scenario.targets and "reference" not in planned.scenario.targets:
            continue
        result = judge(planned, run_loop(run(planned, Careless(name), tmp_path / str(number))))
        failed[family] += sum(one.status is Status.FAILED for one in (*result.sessions, *result.findings))
    assert len(failed) > 5
    assert [family for family, count in failed.items() if not count] == []


def replayed(output: Path, *arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "harness", "run", "--jsonl", str(output), *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    for row in rows:
        assert row.pop("duration_ms") >= 0
    return rows


def test_a_repeated_run_says_the_same_in_two_processes_and_any_order(tmp_path: Path) -> None:
    first = replayed(tmp_path / "first.jsonl")
    files = [str(file) for file in find_scenarios([SCENARIOS])]
    random.Random(7).shuffle(files)
    second = replayed(tmp_path / "second.jsonl", "-n", "2", *files)
    assert len(first) > 700

    def in_order(rows: list[dict[str, Any]]) -> list[str]:
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    assert in_order(first) == in_order(second)
