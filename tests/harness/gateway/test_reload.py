"""SIGHUP: settings, signatures and rav/ are swapped together or not at all; a running session keeps what it began with."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
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


def test_all_or_nothing(tmp_path: Path) -> None:
    asyncio.run(hang_up(tmp_path))


async def hang_up(directory: Path) -> None:
    configure(directory, "one.ok.test", "act_for_infected_files = reject\n")
    dns = fakedns.FakeDns(fakedns.Responder(fakedns.parse_zone("hop.ok.test. A 192.0.2.25"), (), strict=False))
    dns_at, sink = await dns.start(), Sink()
    hop = await sink.start()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harness.gateway", str(directory), "--listen", "127.0.0.1:0",
        "--dns", f"{dns_at[0]}:{dns_at[1]}", "--next-hop", f"{hop[0]}:{hop[1]}",
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    talks: list[Talk] = []
    try:
        smtp = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))["smtp"]

        async def connect(host: bytes) -> Talk:
            talk = Talk(*await asyncio.open_connection(*smtp))
            assert host in await talk.say(b"")
            await talk.say(b"HELO mail.good.test\r\n")
            talks.append(talk)
            return talk

        async def reload(wanted: str) -> None:
            assert process.stderr is not None
            process.send_signal(signal.SIGHUP)
            while wanted not in (line := (await asyncio.wait_for(process.stderr.readline(), 10)).decode()):
                assert line, f"the gateway ended before it said {wanted}"

        old = await connect(b"one.ok.test")
        await old.infected(b"550 5.7.1")

        configure(directory, "two.ok.test", "act_for_infected_files = discrad\n")
        await reload("rav/actions:1: no action 'discrad'; did you mean 'discard'")
        talk = await connect(b"one.ok.test")  # main.cf was right, but it does not come alone
        await talk.infected(b"550 5.7.1")

        configure(directory, "two.ok.test", "act_for_infected_files = discard\n")
        (directory / "rav" / "signatures").mkdir()
        (directory / "rav" / "signatures" / "own.txt").write_text("nonsense\n")
        await reload("rav/signatures/own.txt:1: bad signature")
        await (await connect(b"one.ok.test")).infected(b"550 5.7.1")

        (directory / "rav" / "signatures" / "own.txt").unlink()
        await reload("reload -- version")
        await (await connect(b"two.ok.test")).infected(b"250 2.0.0")
        await old.infected(b"550 5.7.1")  # it began under the old rules
        async with asyncio.timeout(10):  # the notices are in the queue; here they are to arrive
            while len({to for one in sink.deliveries for to in one.recipients}) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        for talk in talks:
            talk.writer.close()
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 10)
        await sink.stop()
        await dns.stop()
    assert process.returncode == 0
    assert {to for one in sink.deliveries for to in one.recipients} == {
        "postmaster@one.ok.test",
        "postmaster@two.ok.test",
    }
