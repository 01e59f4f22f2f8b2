"""Load on a real Postfix: it is measured as the reference gateway is, and when it dies under load that is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.bench import side as module
from harness.bench.loadtest import load_sides
from harness.bench.measured import Measured
from harness.bench.rehearsal import Options, rehearse
from harness.bench.side import Side, under_load
from harness.bench.table import outcome_text
from harness.private_postfix import laboratory

pytestmark = [pytest.mark.witness, pytest.mark.skipif(bool(laboratory.missing()), reason=laboratory.missing())]

SCENARIO = """title: load
dns: {zone: "ok.test. MX 10 gw.ok.test.\\ngw.ok.test. A 192.0.2.1"}
gateway: {config: gw}
sessions:
  - id: good
    client: {ip: 192.0.2.7, name: good.test}
    send: {from: a@good.test, to: [u@ok.test], pipeline: true}
    expect: {verdict: accept}
load: {sessions: 60, warmup: 5, connections: 5}
"""
MAIN_CF = "myhostname = gw.ok.test\nmydestination =\nrelay_domains = ok.test\nsmtpd_relay_restrictions = reject_unauth_destination\n"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    return tmp_path / "s.yaml"


def below(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children] + [one for child in children for one in below(int(child))]


def kill(pids: list[int]) -> None:
    for pid in pids:
        if Path(f"/proc/{pid}/comm").read_text().strip() in ("master", "smtpd"):
            os.kill(pid, signal.SIGKILL)


def test_its_processes_are_measured_and_its_death_is_told(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    side, roots, stretches = Side("postfix", "postfix", rehearse(scenario, Options("postfix"))), list[int](), 0
    sampler = module.Sampler
    monkeypatch.setattr(module, "Sampler", lambda pids: roots.extend(pids) or sampler(pids))

    async def load(*given: object) -> Measured:
        nonlocal stretches
        stretches += 1
        if stretches == 3:  # after the warm-up and one stretch
            kill(below(roots[0]))
        return await under_load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "under_load", load)
    (outcome,) = load_sides([side], rounds=3)
    assert outcome.figures["gateway.cpu.session"] > 0 and outcome.figures["gateway.files.max"] > 10
    assert outcome.status == 4 and "the target died under load" in outcome_text(outcome)
    assert outcome.figures["verdict.accept"] >= 20, "what was seen before is kept"


def test_a_gateway_that_runs_somewhere_already_is_measured_by_its_replies(scenario: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "harness", "serve", str(scenario), "--target", "postfix"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        host, port = json.loads(process.stdout.readline())["smtp"]
        try:
            target = f"remote:{host}:{port}"
            (outcome,) = load_sides([Side(target, target, rehearse(scenario, Options(target)))])
        finally:
            process.send_signal(signal.SIGTERM)
    assert outcome.status == 0, outcome_text(outcome)
    assert outcome.figures["verdict.accept"] == 60 and "gateway.cpu" not in outcome.figures
