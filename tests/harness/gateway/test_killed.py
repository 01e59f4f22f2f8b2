"""kill -9 under load, again and again on one queue: what was answered 250 arrives, and hardly anything twice."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

import fakedns
from harness.bench.sink import Counts, SinkProtocol
from harness.smtp.events import DataReceived, Event
from harness.smtp.server import ServerConnection

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MAIN = """compatibility_level = 3.6
mydestination =
relay_domains = ok.test
relayhost = [hop.ok.test]
smtpd_relay_restrictions = reject_unauth_destination
"""
CLIENTS, KILLS, EACH = 8, 4, 150


class Noting(ServerConnection):
    """Remembers which mails came."""

    def __init__(self, arrived: Counter[str]) -> None:
        super().__init__()
        self.arrived = arrived

    def next_event(self) -> Event | None:
        event = super().next_event()
        if isinstance(event, DataReceived) and (found := re.search(rb"^Subject: (\S+)$", event.data, re.MULTILINE)):
            self.arrived[found[1].decode()] += 1
        return event


def protocol(arrived: Counter[str]) -> SinkProtocol:
    made = SinkProtocol(Counts())
    made.connection = Noting(arrived)
    return made


async def started(
    directory: Path, dns: tuple[str, int], hop: tuple[str, int]
) -> tuple[asyncio.subprocess.Process, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harness.gateway", str(directory), "--listen", "127.0.0.1:0", "--log", "/dev/null",
        "--dns", f"{dns[0]}:{dns[1]}", "--next-hop", f"{hop[0]}:{hop[1]}", "--queue", str(directory / "queue"),
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    return process, json.loads(await asyncio.wait_for(process.stdout.readline(), 20))["smtp"][1]


async def client(name: str, port: int, taken: list[str]) -> None:
    """One mail after the other, until nobody answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:

        async def say(data: bytes) -> None:
            writer.write(data)
            while (line := await reader.readline())[3:4] != b" ":
                if not line:
                    raise ConnectionError
            assert line[:1] in b"23", line

        await say(b"")
        await say(b"HELO x.test\r\n")
        for number in range(100_000):
            for words in (b"MAIL FROM:<a@good.test>\r\n", b"RCPT TO:<u@ok.test>\r\n", b"DATA\r\n"):
                await say(words)
            await say(f"Subject: {name}-{number}\r\n\r\n{'x' * (number % 7 * 900)}\r\n.\r\n".encode())
            taken.append(f"{name}-{number}")
    except OSError:
        writer.transport.abort()


def test_nothing_that_was_accepted_is_lost_by_kill_9(tmp_path: Path) -> None:
    asyncio.run(kill_again_and_again(tmp_path))


async def kill_again_and_again(directory: Path) -> None:
    (directory / "main.cf").write_text(MAIN)
    arrived, taken = Counter[str](), list[str]()
    dns = fakedns.FakeDns(fakedns.Responder(fakedns.parse_zone("hop.ok.test. A 192.0.2.25"), (), strict=False))
    loop = asyncio.get_running_loop()
    hop = await loop.create_server(lambda: protocol(arrived), "127.0.0.1", 0)
    places = await dns.start(), hop.sockets[0].getsockname()[:2]
    processes: list[asyncio.subprocess.Process] = []

    async def start() -> int:
        process, port = await started(directory, *places)
        processes.append(process)
        return port

    try:
        for kill in range(KILLS):
            port = await start()
            wanted = len(taken) + EACH
            clients = [loop.create_task(client(f"{kill}.{number}", port, taken)) for number in range(CLIENTS)]
            async with asyncio.timeout(60):
                while len(taken) < wanted:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            processes[-1].kill()
            await processes[-1].wait()
            await asyncio.gather(*clients)
        await start()
        async with asyncio.timeout(60):
            while not set(taken) <= arrived.keys():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        processes[-1].terminate()
        await processes[-1].wait()
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
        hop.close()
        await dns.stop()
    # Twice: what the next hop had taken, and the gateway had not noted yet (RFC 5321 4.5.4.1 lives with it).
    twice = [name for name, times in arrived.items() if times > 1]
    assert len(twice) <= KILLS * 20, "no more than were being delivered at that moment"
    assert len(arrived) - len(taken) <= KILLS * CLIENTS, "no more than were not answered yet"
