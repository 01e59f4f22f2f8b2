"""dig asks `python -m fakedns`, over UDP and TCP, as an administrator would by hand."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakedns.control import ask

pytestmark = pytest.mark.witness


@pytest.fixture
def control(tmp_path: Path) -> str:
    return str(tmp_path / "dns.control")


@pytest.fixture
def port(tmp_path: Path, control: str) -> Iterator[str]:
    if shutil.which("dig") is None:
        pytest.skip("dig is not installed (Debian: bind9-dnsutils)")
    zone = tmp_path / "world.zone"
    zone.write_text(
        "ok.test. MX 10 mail.ok.test.\nmail.ok.test. A 192.0.2.8\n"
        'ok.test. HTTPS 1 . alpn="h2,h3"\nok.test. RP a.ok.test. b.ok.test.\nok.test. URI 10 1 "ftp://ok.test/"\n'
        "ok.test. SSHFP 2 1 123456789abcdef67890123456789abcdef67890\nok.test. CAA 0 issue ca.test\n"
        "big.test. TXT " + f'"{"x" * 250}" ' * 8 + "\n"
    )
    command = [sys.executable, "-m", "fakedns", str(zone), "--listen", "127.0.0.1:0", "--rbl", "rbl.test=192.0.2.7",
               "--fault", "broken.test=servfail", "--fault", "old.test=no-edns", "--control", control]  # fmt: skip
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


def test_dig_reads_records_of_every_kind(port: str) -> None:
    for rtype, text in [
        ("HTTPS", '1 . alpn="h2,h3"'),
        ("RP", "a.ok.test. b.ok.test."),
        ("URI", '10 1 "ftp://ok.test/"'),
        ("SSHFP", "2 1 123456789ABCDEF67890123456789ABCDEF67890"),
        ("CAA", '0 issue "ca.test"'),
    ]:
        assert dig(port, "+short", "ok.test", rtype).strip() == text


def test_dig_talks_edns_and_none(port: str) -> None:
    whole = dig(port, "ok.test", "MX", "+bufsize=1400", "+dnssec")
    assert "EDNS: version: 0, flags: do; udp: 1232" in whole and "WARNING" not in whole
    assert "EDNS" not in dig(port, "ok.test", "MX", "+noedns")
    assert "status: BADVERS" in dig(port, "ok.test", "MX", "+edns=7", "+noednsneg")
    for size in ("512", "1232"):
        cut = dig(port, "big.test", "TXT", f"+bufsize={size}", "+ignore")
        assert " tc" in cut and "ANSWER: 0" in cut
    assert dig(port, "+short", "big.test", "TXT").count("x" * 250) == 8, "over TCP, when it has been cut off"


def test_dig_sees_its_own_spelling_and_an_outdated_server(port: str) -> None:
    answer = dig(port, "oK.TeSt", "MX")
    assert ";oK.TeSt." in answer and answer.count("oK.TeSt.") >= 2
    assert "status: FORMERR" in dig(port, "old.test", "A")
    assert "status: NXDOMAIN" in dig(port, "old.test", "A", "+noedns")
    assert "Transfer failed" in dig(port, "ok.test", "AXFR")


def test_dig_sees_what_is_changed_while_the_server_runs(port: str, control: str) -> None:
    assert "status: NXDOMAIN" in dig(port, "9.2.0.192.rbl.test")
    ask(control, ["set", "list", "rbl.test", "192.0.2.9", "caught in the act"])
    assert dig(port, "+short", "9.2.0.192.rbl.test", "TXT").strip() == '"caught in the act"'
    ask(control, ["set", "unlist", "rbl.test", "192.0.2.9"])
    assert "status: NXDOMAIN" in dig(port, "9.2.0.192.rbl.test")
    ask(control, ["set", "fault", "ok.test/MX=truncate"])
    assert dig(port, "+short", "ok.test", "MX").strip() == "10 mail.ok.test."
    assert ask(control, ["history", "ok.test"])[-2:] == ["udp ok.test MX truncated", "tcp ok.test MX NOERROR"]
