"""laboratory: namespaces that come and go, whatever becomes of whoever made them."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.private_postfix import laboratory
from harness.private_postfix.laboratory import Laboratory

pytestmark = pytest.mark.witness

CHILD = """
import os, sys, time
from harness.private_postfix import configuration
from harness.private_postfix.laboratory import Laboratory
from pathlib import Path
lab = Laboratory()
(lab.root / "compiled").mkdir()
lab.furnish_etc()
configuration.write(Path(sys.argv[1]), {}, lab.root, lab.root / "compiled")
reading, writing = os.pipe()
lab.start([], writing)
os.read(reading, 1)  # it has logged something: it runs
print(lab.root, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def needed() -> None:
    if reason := laboratory.missing():
        pytest.skip(reason)


@pytest.fixture
def lab() -> Iterator[Laboratory]:
    made = Laboratory()
    yield made
    made.close()
    assert not made.root.exists()


def processes(root: Path) -> list[int]:
    """Those that belong to a laboratory: they were told its directory, or work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                told = (entry / "cmdline").read_bytes()
                works = str((entry / "cwd").readlink())
            except OSError:
                continue
            if str(root).encode() in told or works.startswith(str(root)):
                found.append(int(entry.name))
    return found


def ended(pids: list[int], seconds: float) -> bool:
    """Whether all of them end in that time."""
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ready = select.select([fd], [], [], seconds)[0]
        os.close(fd)
        if not ready:
            return False
    return True


def test_a_machine_with_postfix_has_what_it_needs() -> None:
    assert laboratory.missing() == ""


def test_sockets_are_opened_in_the_network_inside(lab: Laboratory) -> None:
    reading, writing = os.pipe()
    sockets = lab.start([("udp", "127.0.0.1", 53), ("tcp", "0.0.0.0", 25)], writing)
    os.close(writing)
    assert [made.getsockname() for made in sockets] == [("127.0.0.1", 53), ("0.0.0.0", 25)]
    for made in sockets:
        made.close()
    assert processes(lab.root)
    lab.stop()
    while os.read(reading, 65536):  # ends when nobody holds the other end: every process is gone
        pass
    os.close(reading)


def test_queues_begin_empty(lab: Laboratory) -> None:
    assert lab.queues("deferred", "hold") == {"deferred": [], "hold": []}


def test_one_that_nobody_uses_is_used_again() -> None:
    first = laboratory.acquire()
    laboratory.release(first)
    second = laboratory.acquire()
    assert second is first
    laboratory.release(second)


@pytest.mark.parametrize("how", ["SIGKILL", "end"])
def test_no_process_and_no_file_outlives_the_harness(tmp_path: Path, how: str) -> None:
    (tmp_path / "main.cf").write_text("compatibility_level = 3.6\nsmtpd_relay_restrictions = reject\n")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    root = Path(child.stdout.readline().strip())
    pids = processes(root)
    assert len(pids) >= 3, "unshare, supervisor, master"
    if how == "SIGKILL":
        child.kill()
    child.communicate("")
    assert ended(pids, 10)
    assert not processes(root)
    assert not root.exists()
