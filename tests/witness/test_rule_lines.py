"""Delete any one rule line of the gateway as the paper means it, and the scenarios notice: the witness of the corpus.

A line whose loss nobody can notice is listed below, with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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


def that_use_it(*, content_first: bool) -> list[str]:
    """The scenarios whose gateway this is, those most likely to notice first: nobody waits for the others."""
    found = [path for path in (ROOT / "scenarios").rglob("*.yaml") if GATEWAY.name in path.read_text("utf-8")]
    found.sort(key=lambda path: (("content" in path.parts) != content_first, len(path.parts), path))
    return [path.relative_to(ROOT).as_posix() for path in found]


@pytest.mark.parametrize(("file", "number", "text"), rule_lines(), ids=lambda value: str(value)[:40])
def test_the_scenarios_notice_when_a_line_is_gone(file: str, number: int, text: str, tmp_path: Path) -> None:
    for name in ("corpus", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = tmp_path / GATEWAY / file
    lines = path.read_text("utf-8").splitlines(keepends=True)
    del lines[number - 1]
    path.write_text("".join(lines), "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "harness", "run", "-x", *that_use_it(content_first=file.startswith("rav/"))]
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode in (0, 1, 3, 4), run.stdout + run.stderr
    assert (run.returncode == 0) == (text in UNNOTICED), f"{file}:{number}: {text}: exit {run.returncode}"


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
