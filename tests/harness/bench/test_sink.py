"""sink: smtplib, which nobody here wrote, talks to it."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import time
from dataclasses import replace
from functools import partial

import pytest

from harness.bench import sink
from harness.bench.sink import Counts, SinkProtocol
from harness.replay.hop_script import BY_HAND, HopScript


def test_smtplib_sends_and_is_counted() -> None:
    counts = Counts()

    def send(address: tuple[str, int]) -> None:
        with smtplib.SMTP(*address) as client:
            client.ehlo()
            assert client.has_extn("pipelining") and client.has_extn("xclient")
            client.sendmail("a@ok.test", ["u@ok.test", "v@ok.test"], b"Subject: x\r\n\r\n.dot\r\n")
            client.sendmail("a@ok.test", ["u@ok.test"], b"again\r\n")
            assert client.docmd("BDAT", "x")[0] == 501 and client.docmd("NONSENSE")[0] == 500

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(partial(SinkProtocol, counts), "127.0.0.1", 0)
        await loop.run_in_executor(None, send, server.sockets[0].getsockname()[:2])
        server.close()

    asyncio.run(run())
    assert (counts.sessions, counts.messages) == (1, 2)


def test_pipelined_and_chunked() -> None:
    said = b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<u@ok.test>\r\nBDAT 3\r\nabcBDAT 2 LAST\r\nxyRSET\r\nQUIT\r\n"
    counts = Counts()

    def talk(address: tuple[str, int]) -> bytes:
        with socket.create_connection(address) as client, client.makefile("rb") as file:
            client.sendall(said)
            return file.read()

    async def run() -> bytes:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(partial(SinkProtocol, counts), "127.0.0.1", 0)
        answers = await loop.run_in_executor(None, talk, server.sockets[0].getsockname()[:2])
        server.close()
        return answers

    codes = [line[:3] for line in asyncio.run(run()).splitlines() if line[3:4] == b" "]
    assert codes == [b"220", b"250", b"250", b"250", b"250", b"250", b"250", b"221"] and counts.messages == 1


def test_a_recipient_says_what_is_to_become_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = [replace(rule, delay=rule.delay and "20ms") for rule in BY_HAND]
    monkeypatch.setattr(sink, "_by_hand", lambda: HopScript(also=quick))
    said = b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<u+tempfail@ok.test>\r\nRCPT TO:<u+permfail@ok.test>\r\n"
    said += b"RCPT TO:<u+slow@ok.test>\r\nRCPT TO:<u+other@ok.test>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
    counts, times = Counts(), []

    def talk(address: tuple[str, int]) -> bytes:
        begun = time.monotonic()
        with socket.create_connection(address) as client, client.makefile("rb") as file:
            client.sendall(said)
            answers = file.read()
        times.append(time.monotonic() - begun)
        return answers

    async def run() -> bytes:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(partial(SinkProtocol, counts), "127.0.0.1", 0)
        answers = await loop.run_in_executor(None, talk, server.sockets[0].getsockname()[:2])
        server.close()
        return answers

    codes = [line[:3].decode() for line in asyncio.run(run()).splitlines() if line[3:4] == b" "]
    assert codes == ["220", "250", "250", "450", "550", "250", "250", "354", "250", "221"]
    assert times[0] >= 0.02 and counts.messages == 1
