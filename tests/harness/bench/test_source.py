"""source: `gauntlet source` into `gauntlet sink`, as a user runs them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.source import letter

ROOT = Path(__file__).parent.parent.parent.parent


def gauntlet(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "harness", *arguments]


@pytest.fixture
def sink() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(gauntlet("sink"), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_what_is_sent_arrives(sink: subprocess.Popen[str]) -> None:
    assert sink.stdout is not None
    host, port = json.loads(sink.stdout.readline())["smtp"]
    command = gauntlet(
        "source", f"{host}:{port}", "-m", "20", "-s", "2", "-d", "5", "-t", "a@ok.test", "-t", "b@ok.test"
    )
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "sessions.total 4" in done.stdout and "accept 4" in done.stdout
    sink.send_signal(signal.SIGTERM)
    assert json.loads(sink.stdout.readline()) == {"sessions": 4, "messages": 20}
    assert sink.wait(10) == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("source", "127.0.0.1:1"), 4, "127.0.0.1:1: 200 sessions in a row failed: refused"),
        (("source", "nowhere"), 2, "HOST:PORT"),
        (("source", "127.0.0.1:1", "--rate", "fast"), 2, "--rate: expects constant R/s"),
        (("source", "127.0.0.1:1", "-s", "0"), 2, "1 or more"),
        (("sink", "192.0.2.1:25"), 2, "192.0.2.1:25: "),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], status: int, said: str) -> None:
    done = subprocess.run(gauntlet(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status and said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("size", [200, 1024, 100_000])
def test_a_letter_has_about_its_size(size: int) -> None:
    assert abs(len(letter(size).turns[-1].data) - size) < 100
