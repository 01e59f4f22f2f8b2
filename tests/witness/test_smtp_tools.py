"""`gauntlet source` and `gauntlet sink` in the place of smtp-source(1) and smtp-sink(1), and against them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.bench.measure import free_port, listens, running

pytestmark = pytest.mark.witness

SOURCE, SINK = (shutil.which(name, path="/usr/sbin:/sbin:/usr/bin") for name in ("smtp-source", "smtp-sink"))
OURS = [sys.executable, "-m", "harness"]
needed = pytest.mark.skipif(not SOURCE or not SINK, reason="smtp-source and smtp-sink are missing (Debian: postfix)")


@contextmanager
def our_sink(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with subprocess.Popen([*OURS, "sink", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, port = json.loads(process.stdout.readline())["smtp"]
        yield f"{host}:{port}", process
        process.terminate()


@needed
def test_smtp_source_into_our_sink() -> None:
    with our_sink("-h", "mx.test", "-M", "40") as (address, process):
        command = [
            str(SOURCE),
            "-s",
            "4",
            "-m",
            "40",
            "-l",
            "3000",
            "-d",
            "-f",
            "a@b.test",
            "-t",
            "u@ok.test",
            "-r",
            "3",
        ]
        subprocess.run([*command, address], check=True, timeout=60)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["messages"] == 40  # it ends by itself after so many
        assert process.wait(10) == 0


@needed
@pytest.mark.parametrize(
    ("options", "status"), [((), 0), (("-r", "rcpt"), 1), (("-q", "data"), 1), (("-f", "connect"), 1)]
)
def test_smtp_source_stops_at_a_sink_that_misbehaves(options: tuple[str, ...], status: int) -> None:
    with our_sink(*options) as (address, _):
        done = subprocess.run([str(SOURCE), "-m", "1", address], capture_output=True, timeout=60)
        assert bool(done.returncode) is bool(status)


@needed
@pytest.mark.parametrize(
    ("options", "sink", "status"),
    [
        ((), (), 0),
        (("-d", "-N", "-r", "2", "-6"), (), 2),  # it listens on IPv4 only
        (("-d", "-N", "-r", "2", "-4"), (), 0),
        ((), ("-r", "rcpt"), 1),
        (("-A",), ("-r", "rcpt"), 0),
    ],
)
def test_our_source_into_smtp_sink(options: tuple[str, ...], sink: tuple[str, ...], status: int) -> None:
    port = free_port()
    with running([str(SINK), "-u", "nobody", *sink, f"127.0.0.1:{port}", "100"], lambda: listens(port)):
        command = [*OURS, "source", "-s", "3", "-m", "30", *options, f"inet:127.0.0.1:{port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done.stdout + done.stderr
        if not status and "-A" not in options:
            assert "messages.rate" in done.stdout and "mismatch 0" in done.stdout
