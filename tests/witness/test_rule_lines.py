"""Delete any one rule line of the gateway as the paper means it, and the scenarios notice: the witness of the corpus.

A line whose loss nobody can notice is listed below, with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from harness.direct import observe
from harness.errors import ConfigError
from harness.judge import judge
from harness.load import find_scenarios, load
from harness.plan import Plan, plan
from harness.result import Status

pytestmark = pytest.mark.witness

ROOT = Path(__file__).parents[2]
GATEWAY = Path("corpus/gateways/paper-2003-as-meant")

UNNOTICED = {
    "  permit": "a list that runs off its end permits, too; the paper writes it out",
    "warn_receiver = yes": "the default, written out as the paper does",
    "warn_administrator = yes": "the default, written out as the paper does",
}


def rule_lines() -> list[tuple[str, int, str]]:
    """(file, line number from 1, text) of each line that is a rule."""
    return [
        (path.relative_to(ROOT / GATEWAY).as_posix(), number, line)
        for path in sorted((ROOT / GATEWAY).rglob("*"))
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if line.strip() and not line.strip().startswith("#")
    ]


@dataclass(frozen=True)
class Held:
    """A scenario that this gateway passes, and the lines that spoke in it."""

    plan: Plan
    spoke: frozenset[tuple[str, int]]

    def notices(self, changed: Path) -> bool:
        """Does it fail under the changed rules?  In direct mode, which decides as the wire does (tests/harness/test_direct.py)."""
        try:
            return failed(replace(self.plan, config=changed))
        except ConfigError:
            return True


def failed(plan: Plan) -> bool:
    return any(one.status in (Status.FAILED, Status.ERROR) for one in judge(plan, observe(plan)).sessions)


@cache
def held() -> tuple[Held, ...]:
    """Every cell of every scenario whose gateway this is."""
    found = []
    for file in find_scenarios([ROOT / "scenarios"]):
        loaded = load(file)
        for cell in loaded.cells:
            if loaded.scenario(cell).targets:  # for the wire alone
                continue
            planned = plan(loaded, cell)
            if planned.config.name != GATEWAY.name:
                continue
            seen = observe(planned)
            assert not any(one.status in (Status.FAILED, Status.ERROR) for one in judge(planned, seen).sessions), file
            asked = [one for session in seen.sessions for one in session.trace or () if one.said != "DUNNO"]
            found.append(Held(planned, frozenset((one.rule.file, one.rule.line) for one in asked)))
    return tuple(found)


@pytest.mark.parametrize(("file", "number", "text"), rule_lines(), ids=lambda value: str(value)[:40])
def test_the_scenarios_notice_when_a_line_is_gone(file: str, number: int, text: str, tmp_path: Path) -> None:
    changed = tmp_path / GATEWAY.name
    shutil.copytree(ROOT / GATEWAY, changed)
    lines = (changed / file).read_text("utf-8").splitlines(keepends=True)
    del lines[number - 1]
    (changed / file).write_text("".join(lines), "utf-8")
    likely = sorted(held(), key=lambda one: (file, number) not in one.spoke)
    assert any(one.notices(changed) for one in likely) == (text not in UNNOTICED), f"{file}:{number}: {text}"


@pytest.mark.parametrize("gateway", ["accept-all", "reject-all"])
def test_a_gateway_without_judgement_fails_every_family(gateway: str, tmp_path: Path) -> None:
    for name in ("corpus", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for paper in ("paper-2003", "paper-2003-as-meant"):
        shutil.rmtree(tmp_path / "corpus/gateways" / paper)
        shutil.copytree(tmp_path / "corpus/gateways" / gateway, tmp_path / "corpus/gateways" / paper)
    results = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "harness", "run", "--jsonl", str(results)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 1, run.stdout + run.stderr
    import json

    rows = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    families = {"bad-helo", "non-fqdn", "spoofed", "double-extension", "eicar", "oversize", "clean"}
    failed = {tag for row in rows if row["status"] in ("failed", "error") for tag in row["tags"]}
    spared = families - failed
    # Taking everything is right for clean mail, and refusing everything for what must be refused.
    assert spared <= ({"clean"} if gateway == "accept-all" else set()), f"{gateway} passes {sorted(spared)}"
