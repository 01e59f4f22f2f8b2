"""serve: a world by hand - one line when it is up, a clear word when it cannot be."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest

from harness.cli import main
from harness.errors import TargetError, UsageError
from harness.serve import serve
from harness.target import parse_address

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Title, world and gateway: more is not needed."""
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(
        "relay_domains = gw.test\nsmtpd_relay_restrictions = reject_unauth_destination\n"
    )
    (tmp_path / "s.yaml").write_text("title: t\ndns: {zone: gw.test. A 192.0.2.1}\ngateway: {config: gw}\n")
    return str(tmp_path / "s.yaml")


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield f"127.0.0.1:{busy.getsockname()[1]}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_stops_when_told(
    file: str, number: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "harness", "serve", file, "--log", str(tmp_path / "mail.log")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    places = json.loads(process.stdout.readline())
    assert set(places) == {"smtp", "dns", "next_hop", "control"}
    with smtplib.SMTP(*places["smtp"], timeout=10) as client:
        client.sendmail("a@ok.test", ["b@gw.test", "b+permfail@gw.test"], b"Subject: x\r\n\r\n")
    host, port = places["dns"]
    assert dns.query.udp(dns.message.make_query("gw.test", "A"), host, port=port, timeout=10).answer
    assert main(["dns", places["control"], "history", "gw.test"]) == 0
    assert main(["dns", places["control"], "set", "fault", "*=silence"]) == 0
    assert main(["dns", places["control"], "set", "falt", "*=silence"]) == 2
    said = capsys.readouterr()
    assert "udp gw.test A NOERROR" in said.out and "did you mean 'fault'" in said.err
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0 and "arrived at the next hop" in said
    assert "client=" in (tmp_path / "mail.log").read_text()
    assert not Path(places["control"]).exists()


def test_a_port_that_is_taken_is_the_targets_trouble(file: str, taken: str) -> None:
    with pytest.raises(TargetError, match="target reference: "):
        serve(file, "reference", smtp=taken)
    with pytest.raises(TargetError, match="DNS: "):
        serve(file, "reference", dns=taken)


def test_a_control_socket_that_cannot_be_is_wrong_usage(file: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--control .*: No such file or directory"):
        serve(file, "reference", control=str(tmp_path / "no" / "dns"))
    assert main(["dns", str(tmp_path / "none"), "history"]) == 2


def test_a_log_that_cannot_be_written_is_wrong_usage(file: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--log .*: Is a directory"):
        serve(file, "reference", log=str(tmp_path))
    with pytest.raises(UsageError, match=r"--log .*: No such file or directory"):
        serve(file, "reference", log=str(tmp_path / "no" / "mail.log"))


def test_a_file_or_target_that_is_not_there_is_wrong_usage(file: str) -> None:
    with pytest.raises(UsageError, match="no such scenario file"):
        serve("nosuch.yaml", "reference")
    with pytest.raises(UsageError, match="did you mean 'reference'"):
        serve(file, "referense")


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:25", ("127.0.0.1", 25)), ("[::1]:2525", ("::1", 2525)), (":0", ("127.0.0.1", 0))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:smtp", "a:65536", "a:\u00b2", "a:-1"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        parse_address(text)
