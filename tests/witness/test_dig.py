"""dig asks `python -m fakedns`, over UDP and TCP, as an administrator would by hand."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.witness


@pytest.fixture
def port(tmp_path: Path) -> Iterator[str]:
    if shutil.which("dig") is None:
        pytest.skip("dig is not installed (Debian: bind9-dnsutils)")
    zone = tmp_path / "world.zone"
    zone.write_text("ok.test. MX 10 mail.ok.test.\nmail.ok.test. A 192.0.2.8\n")
    command = [sys.executable, "-m", "fakedns", str(zone), "--listen", "127.0.0.1:0", "--rbl", "rbl.test=192.0.2.7",
               "--fault", "broken.test=servfail"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip().rpartition(":")[2]
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    process.stdout.close()


def dig(port: str, *arguments: str) -> str:
    command = ["dig", "@127.0.0.1", "-p", port, "+tries=1", "+time=3", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_dig_gets_answers_over_both_transports(port: str) -> None:
    assert dig(port, "+short", "ok.test", "MX").strip() == "10 mail.ok.test."
    assert dig(port, "+tcp", "+short", "ok.test", "MX").strip() == "10 mail.ok.test."
    assert dig(port, "+short", "7.2.0.192.rbl.test").strip() == "127.0.0.2"


def test_dig_understands_each_kind_of_no(port: str) -> None:
    assert "status: NXDOMAIN" in dig(port, "no.test")
    assert "status: NOERROR" in dig(port, "ok.test", "TXT")
    assert "status: SERVFAIL" in dig(port, "broken.test")
    assert "status: REFUSED" in dig(port, "example.com")
    assert "WARNING" not in dig(port, "ok.test", "MX")
