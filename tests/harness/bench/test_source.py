"""source: `gauntlet source` into `gauntlet sink`, as a user runs them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.source import Mail, letter

ROOT = Path(__file__).parent.parent.parent.parent


def gauntlet(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "harness", *arguments]


@pytest.fixture
def sink() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(gauntlet("sink"), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("options", "sessions", "messages"),
    [
        ("-m 20 -s 2 --reuse 5 -t a@ok.test -t b@ok.test", 4, 20),
        ("-m 21 -s 5 --reuse 4 --processes 2", 6, 21),  # not one more, as smtp-source
    ],
)
def test_what_is_sent_arrives(sink: subprocess.Popen[str], options: str, sessions: int, messages: int) -> None:
    assert sink.stdout is not None
    host, port = json.loads(sink.stdout.readline())["smtp"]
    command = gauntlet("source", f"{host}:{port}", *options.split())
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert f"sessions.total {sessions}" in done.stdout and f"accept {sessions}" in done.stdout
    sink.send_signal(signal.SIGTERM)
    assert json.loads(sink.stdout.readline()) == {"sessions": sessions, "messages": messages}
    assert sink.wait(10) == 0


def test_who_stops_it_gets_what_was_measured() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        command = gauntlet("source", f"127.0.0.1:{mute.getsockname()[1]}", "--duration", "50s")
        source = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with source, mute.accept()[0]:  # it has begun
            source.send_signal(signal.SIGINT)
            said, complaint = source.communicate(timeout=30)
    assert (source.returncode, complaint) == (130, "") and "given up: interrupted" in said


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("source", "127.0.0.1:1"), 4, "127.0.0.1:1: 200 sessions in a row failed: refused"),
        (("source", "nowhere"), 2, "HOST:PORT"),
        (("source", "127.0.0.1:1", "--rate", "fast"), 2, "or --duration: expects constant R/s"),
        (("source", "127.0.0.1:1", "-s", "0"), 2, "1 or more"),
        (("sink", "192.0.2.1:25"), 2, "192.0.2.1:25: "),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], status: int, said: str) -> None:
    done = subprocess.run(gauntlet(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status and said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("size", [200, 1024, 100_000])
def test_a_letter_has_a_body_of_its_size(size: int) -> None:
    data = letter(size).turns[-1].data
    assert len(data[data.index(b"\r\n\r\n") + 4 :].removesuffix(b".\r\n")) == size


def turns(mail: Mail, number: int = 0) -> bytes:
    return b"".join(turn.data for turn in mail.job(number).turns)


def test_recipients_are_numbered_as_smtp_source_does(tmp_path: Path) -> None:
    said = turns(Mail(recipients=("u@ok.test",), many=2, sender="s@x", helo="me", subject="tests"))
    assert b"RCPT TO:<1u@ok.test>\r\nRCPT TO:<2u@ok.test>\r\n" in said.replace(b"DATA", b"") and b"EHLO me\r\n" in said
    assert b"MAIL FROM:<s@x>" in said and b"Subject: tests\r\n" in said
    numbered = Mail(recipients=("u@ok.test",), numbered=True)
    assert b"<7u@ok.test>" in turns(numbered, 7) and b"<8u@ok.test>" in turns(numbered, 8)


def test_a_file_is_sent_with_crlf_and_its_dots_seen_to(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"Subject: x\n\n.dot\nlast")
    assert turns(Mail(file=str(tmp_path / "m"))).endswith(b"Subject: x\r\n\r\n..dot\r\nlast\r\n.\r\n")
