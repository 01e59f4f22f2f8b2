"""SIGHUP: settings, signatures and rav/ are swapped together or not at all; a running session keeps what it began with."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import fakedns
from harness.corpus.payload import eicar
from harness.replay.sink import Sink

ROOT = Path(__file__).parents[3]
MAIN = """compatibility_level = 3.6
myhostname = {host}
mydestination =
relay_domains = ok.test
relayhost = [hop.ok.test]
smtpd_relay_restrictions = reject_unauth_destination
smtpd_error_sleep_time = 0s
"""
MAIL = b"Subject: x\r\nContent-Type: application/octet-stream; name=a.bin\r\n\r\n%s\r\n.\r\n"


def configure(directory: Path, host: str, actions: str) -> None:
    (directory / "rav").mkdir(exist_ok=True)
    (directory / "main.cf").write_text(MAIN.format(host=host))
    (directory / "rav" / "global").write_text("mode = before_queue\nheuristics = no\n")
    (directory / "rav" / "actions").write_text(actions)


class Talk:
    """One SMTP session, a line at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes, wanted: bytes = b"2") -> bytes:
        self.writer.write(data)
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 10)
            if line[3:4] == b" ":
                assert line.startswith(wanted), line
                return line

    async def infected(self, wanted: bytes) -> bytes:
        await self.say(b"MAIL FROM:<a@good.test>\r\n")
        await self.say(b"RCPT TO:<u@ok.test>\r\n")
        await self.say(b"DATA\r\n", b"3")
        return await self.say(MAIL % eicar(), wanted)


@dataclass
class Running:
    """`python -m harness.gateway` in a process of its own, between a name server and a next hop of ours."""

    process: asyncio.subprocess.Process
    smtp: tuple[str, int]
    sink: Sink
    talks: list[Talk] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    async def connect(self, host: bytes = b"") -> Talk:
        talk = Talk(*await asyncio.open_connection(*self.smtp))
        assert host in await talk.say(b"")
        await talk.say(b"HELO mail.good.test\r\n")
        self.talks.append(talk)
        return talk

    async def reload(self, wanted: str) -> None:
        self.process.send_signal(signal.SIGHUP)
        await self.said(wanted)

    async def said(self, wanted: str) -> str:
        """Read its log up to a line with these words."""
        assert self.process.stderr is not None
        while wanted not in (line := (await asyncio.wait_for(self.process.stderr.readline(), 10)).decode()):
            assert line, f"the gateway ended before it said {wanted}"
            self.log.append(line)
        self.log.append(line)
        return line


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[Running]:
    dns = fakedns.FakeDns(fakedns.Responder(fakedns.parse_zone("hop.ok.test. A 192.0.2.25"), (), strict=False))
    dns_at, sink = await dns.start(), Sink()
    hop = await sink.start()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harness.gateway", str(directory), "--listen", "127.0.0.1:0",
        "--dns", f"{dns_at[0]}:{dns_at[1]}", "--next-hop", f"{hop[0]}:{hop[1]}",
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    one: Running | None = None
    try:
        one = Running(process, json.loads(await asyncio.wait_for(process.stdout.readline(), 20))["smtp"], sink)
        yield one
    finally:
        for talk in one.talks if one else ():
            talk.writer.close()
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 10)
        await sink.stop()
        await dns.stop()
    assert process.returncode == 0


def test_all_or_nothing(tmp_path: Path) -> None:
    asyncio.run(hang_up(tmp_path))


async def hang_up(directory: Path) -> None:
    configure(directory, "one.ok.test", "act_for_infected_files = reject\n")
    async with running(directory) as gateway:
        old = await gateway.connect(b"one.ok.test")
        await old.infected(b"550 5.7.1")

        configure(directory, "two.ok.test", "act_for_infected_files = discrad\n")
        await gateway.reload("rav/actions:1: no action 'discrad'; did you mean 'discard'")
        talk = await gateway.connect(b"one.ok.test")  # main.cf was right, but it does not come alone
        await talk.infected(b"550 5.7.1")

        configure(directory, "two.ok.test", "act_for_infected_files = discard\n")
        (directory / "rav" / "signatures").mkdir()
        (directory / "rav" / "signatures" / "own.txt").write_text("nonsense\n")
        await gateway.reload("rav/signatures/own.txt:1: bad signature")
        await (await gateway.connect(b"one.ok.test")).infected(b"550 5.7.1")

        (directory / "rav" / "signatures" / "own.txt").unlink()
        with (directory / "main.cf").open("a") as file:
            file.write("smtpd_client_restrictions = check_client_access cidr:{{nonsense}}\n")
        await gateway.reload("warning: cidr map {{nonsense}}, line 1:")
        await gateway.said("reload -- version")
        await (await gateway.connect(b"two.ok.test")).infected(b"250 2.0.0")
        await old.infected(b"550 5.7.1")  # it began under the old rules
        async with asyncio.timeout(10):  # the notices are in the queue; here they are to arrive
            while len({to for one in gateway.sink.deliveries for to in one.recipients}) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert {to for one in gateway.sink.deliveries for to in one.recipients} == {
        "postmaster@one.ok.test",
        "postmaster@two.ok.test",
    }


def test_signatures_are_swapped_under_load_and_grow_stale(tmp_path: Path) -> None:
    asyncio.run(swap(tmp_path))


def update(directory: Path, generation: int, age_s: float = 0) -> None:
    """As a cron job does: each file written beside its place, then renamed into it."""
    folder = directory / "rav" / "signatures"
    for name, word in (("one.ndb", b"mark one"), ("two.ndb", b"mark two")):
        part = folder / f".{name}"
        part.write_text(f"{name[:3].capitalize()}.{generation}:0:*:{word.hex()}\n")
        os.utime(part, (time.time() - age_s,) * 2)
        part.rename(folder / name)


async def swap(directory: Path) -> None:
    """Every mail holds what two files know; whatever it met, it met both of one generation, and none got through."""
    configure(directory, "one.ok.test", "act_for_infected_files = discard\n")
    (directory / "rav" / "signatures").mkdir()
    update(directory, 1)
    mail = b"Subject: x\r\n\r\nmark one, mark two\r\n.\r\n"
    async with running(directory) as gateway:
        done = asyncio.Event()
        sent = asyncio.Semaphore(0)

        async def send() -> None:
            while not done.is_set():
                talk = await gateway.connect()  # a session keeps what it began with, so each mail has its own
                await talk.say(b"MAIL FROM:<a@good.test>\r\n")
                await talk.say(b"RCPT TO:<u@ok.test>\r\n")
                await talk.say(b"DATA\r\n", b"3")
                await talk.say(mail)
                await talk.say(b"QUIT\r\n")
                sent.release()

        senders = [asyncio.create_task(send()) for _ in range(3)]
        for generation in range(2, 8):
            update(directory, generation)
            await gateway.reload(f"reload -- version reference, generation {generation}")
            for _ in range(3):
                await sent.acquire()
        done.set()
        await asyncio.gather(*senders)
        update(directory, 8, age_s=72 * 3600)
        await gateway.reload("generation 8")
        done.clear()
        last = asyncio.create_task(send())
        await gateway.said("warning: signatures are 72 hours old")
        done.set()
        await last
    found: dict[str, set[str]] = {}
    for line in gateway.log:
        if match := re.search(r"ravmd\S* (\w+): found class=infected name=(One|Two)\.(\d+)", line):
            found.setdefault(match[1], set()).add(match[3])
            assert match[3] in {str(number) for number in range(1, 9)}
    assert len(found) >= 18 and len({next(iter(one)) for one in found.values()}) >= 6
    assert all(len(one) == 1 for one in found.values()), "a mail met two generations"
    assert not [one for one in gateway.sink.deliveries if "u@ok.test" in one.recipients]
