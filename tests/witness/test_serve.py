"""swaks and dig talk to `gauntlet serve`; pflogsumm reads the log it wrote."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.witness
ROOT = Path(__file__).parent.parent.parent


def needed(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed (Debian: {package})"
        (pytest.fail if os.environ.get("GAUNTLET_REQUIRE_WITNESS") else pytest.skip)(reason)
    assert path is not None
    return path


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, list[object]]]:
    command = [
        sys.executable,
        "-m",
        "harness",
        "serve",
        "scenarios/policy/client.yaml",
        "--log",
        str(tmp_path / "mail.log"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0


def swaks(place: list[object], *arguments: str) -> str:
    command = [needed("swaks", "swaks"), "--server", str(place[0]), "--port", str(place[1]), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def test_by_hand(places: dict[str, list[object]], tmp_path: Path) -> None:
    accepted = swaks(
        places["smtp"], "--from", "sender@ok.test", "--to", "user@yourdomain.com", "--helo", "mail.ok.test"
    )
    assert "250 2.0.0 Ok: queued as" in accepted, accepted
    refused = swaks(places["smtp"], "--from", "sender@ok.test", "--to", "user@elsewhere.test", "--helo", "mail.ok.test")
    assert "<** 450 4.1.2" in refused, refused

    dig = [
        needed("dig", "bind9-dnsutils"),
        f"@{places['dns'][0]}",
        "-p",
        str(places["dns"][1]),
        "+short",
        "ok.test",
        "MX",
    ]
    assert subprocess.run(dig, capture_output=True, text=True, check=True).stdout.strip()

    log = (tmp_path / "mail.log").read_text()
    report = subprocess.run(
        [needed("pflogsumm", "pflogsumm"), str(tmp_path / "mail.log")], capture_output=True, text=True, check=True
    ).stdout
    assert f"{log.count('(queue active)'):>4}   received" in report, report
    assert "1   rejected" in report
