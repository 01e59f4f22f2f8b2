"""gate: each strict rule has a scenario that must fail; exit statuses; what is kept and what is left alone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .zygote import command

ROOT = Path(__file__).parent.parent.parent
STRICT = sorted((ROOT / "tests" / "harness" / "strict").glob("*.yaml"))
GOOD = """title: one mail
dns: {zone: ok.test. A 192.0.2.1}
gateway: {config: gw}
sessions:
  - {id: good, send: {to: [u@ok.test]}, expect: {verdict: accept, deliveries: 1}}
  - {id: other, send: {to: [u@ok.test]}, expect: {verdict: accept, deliveries: 1}}
after: {deliveries: 2}
"""
MAIN_CF = "relay_domains = ok.test\nsmtpd_relay_restrictions = reject_unauth_destination\n"

Gauntlet = Callable[..., subprocess.CompletedProcess[str]]


def gauntlet(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    done = command("harness", [str(argument) for argument in arguments], cwd)
    assert "Traceback (most recent call last)" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF)
    (tmp_path / "s.yaml").write_text(GOOD)
    return tmp_path


@pytest.mark.parametrize("file", STRICT, ids=lambda path: path.stem)
def test_each_strict_rule_has_a_scenario_that_must_fail(file: Path) -> None:
    text = file.read_text()
    wanted = re.match(r"# exit (\d): (.*)\n(?:# options: (.*)\n)?", text)
    assert wanted is not None, "the first line says `# exit STATUS: a part of the message`"
    done = gauntlet("run", file.relative_to(ROOT), *(wanted[3] or "").split())
    assert done.returncode == int(wanted[1]), done.stdout + done.stderr
    assert wanted[2] in done.stdout + done.stderr, done.stdout + done.stderr
    if wanted[1] == "3":
        assert re.match(rf"gauntlet: {re.escape(str(file.relative_to(ROOT)))}:\d+: ", done.stderr)
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["nosuch.yaml"], 2, "no such scenario file or directory: 'nosuch.yaml'"),
        (["s.yaml", "--target", "referense"], 2, "no target 'referense'; did you mean 'reference'?"),
        (["s.yaml", "--target", "remote"], 2, "target remote: it is written remote:HOST:PORT"),
        (["s.yaml", "--target", "remote:127.0.0.1:1"], 4, "127.0.0.1:1: Connection refused"),
        (["s.yaml", "-k", "good and"], 2, "Wrong expression"),
        (["s.yaml", "-n", "many"], 2, "expects a number of processes"),
        (["s.yaml", "--jsonl", "nowhere/out.jsonl"], 2, "nowhere/out.jsonl: No such file or directory"),
        (["s.yaml", "--jsonl", "gw"], 2, "gw: Is a directory"),
        (["s.yaml", "-k", "nothing"], 5, "gauntlet: no session"),
        (["gw"], 5, "gauntlet: no session"),
        (["s.yaml", "-k", "good"], 0, "1 sessions"),
        (["."], 0, "2 sessions"),
    ],
)
def test_exit_statuses(place: Path, arguments: list[str], status: int, said: str) -> None:
    done = gauntlet("run", *arguments, cwd=place)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout + done.stderr


def test_what_is_said_of_all_sessions_is_unchecked_when_some_are_left_out(place: Path) -> None:
    done = gauntlet("run", "s.yaml", "-k", "good", cwd=place)
    (total,) = [line.split() for line in done.stdout.splitlines() if line.startswith("total")]
    assert total == ["total", "1", "1", ".", ".", ".", "1", ".", ".", "1", "."]


@pytest.mark.parametrize("arguments", [["--nosuch"], ["-k", "good and"], ["nosuch.yaml"], ["-k", "nothing"]])
def test_a_wrong_command_line_leaves_earlier_results_alone(place: Path, arguments: list[str]) -> None:
    (place / "out.jsonl").write_text("earlier\n")
    assert gauntlet("run", "s.yaml", "--jsonl", "out.jsonl", *arguments, cwd=place).returncode in (2, 5)
    assert (place / "out.jsonl").read_text() == "earlier\n"
    assert sorted(path.name for path in place.iterdir()) == ["gw", "out.jsonl", "s.yaml"]


def test_a_wrong_scenario_keeps_no_other_from_running(place: Path) -> None:
    (place / "a.yaml").write_text("titel: x\ngateway: {config: gw}\nsessions: []\n")
    done = gauntlet("run", ".", "--jsonl", "out.jsonl", cwd=place)
    assert done.returncode == 3
    assert done.stderr == "gauntlet: a.yaml:1: titel: no such key 'titel'; did you mean 'title'?\n"
    assert len((place / "out.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gateway: {config: gw}", "gateway: {config: gw, set: {message_size_limit: ten}}", "s.yaml:3: bad numerical"),
        (
            "gateway: {config: gw}",
            'gateway:\n  config: gw\n  files:\n    main.cf: "relay_domains"',
            "s.yaml:6: missing",
        ),
    ],
)
def test_a_refused_configuration_is_told_once_and_with_its_place(place: Path, old: str, new: str, said: str) -> None:
    (place / "s.yaml").write_text(GOOD.replace(old, new))
    done = gauntlet("run", "s.yaml", "--jsonl", "out.jsonl", cwd=place)
    assert done.returncode == 3
    assert done.stderr.startswith(f"gauntlet: {said}") and len(done.stderr.splitlines()) == 1
    rows = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert [(row["session"], row["status"]) for row in rows] == [("good", "error"), ("other", "error")]


def test_a_line_of_main_cf_is_named_by_its_file(place: Path) -> None:
    (place / "gw" / "main.cf").write_text(f"{MAIN_CF}message_size_limit = ten\n")
    assert gauntlet("run", "s.yaml", cwd=place).stderr.startswith("gauntlet: gw/main.cf:3: bad numerical")


def test_an_interrupted_run_keeps_the_results_so_far(place: Path) -> None:
    slow = "  - id: slow\n    chat: |\n      S: 220\n      !sleep 30s\n    expect: {connect: 220}\n"
    (place / "t.yaml").write_text(GOOD.replace("after:", f"{slow}after:"))
    words = [sys.executable, "-m", "harness", "run", "s.yaml", "t.yaml", "--jsonl", "out.jsonl"]
    (place / "tmp").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(place / "tmp")}
    process = subprocess.Popen(
        words, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    worlds: set[str] = set()  # each cell works in a directory of its own: the second is that of the slow session
    while len(worlds) < 2 and process.poll() is None:
        worlds |= {path.name for path in (place / "tmp").glob("gauntlet-*")}
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    rows = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert [row["session"] for row in rows] == ["good", "other"]
