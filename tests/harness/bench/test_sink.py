"""sink: smtplib, which nobody here wrote, talks to it."""

from __future__ import annotations

import asyncio
import smtplib
import socket
from functools import partial

from harness.bench.sink import Counts, SinkProtocol


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
