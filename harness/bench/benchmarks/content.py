"""content - mails a second that the content engine examines; zips of 1 MiB against ClamAV, signatures alike. (IO)"""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import getpass
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from harness.bench.benchmark import Figure, benchmarks
from harness.bench.measure import in_turns, program, running
from harness.gateway.content.outside import OutsideScanner

_MAILS, _SCANS, _SIGNATURES = 400, 6, 2000


def _attached(name: str, data: bytes) -> bytes:
    head = f'Content-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


def _each(count: int, work: Callable[[], object]) -> float:
    """How often a second."""
    began = time.perf_counter()
    for _ in range(count):
        work()
    return count / (time.perf_counter() - began)


@benchmarks.register("examine")
def examine() -> Figure:
    """The whole engine over a mail of 4 KiB in two parts, in this process, against Python's email package, which only
    takes it apart and decodes it.
    """
    import fakedns
    from harness.clock import SystemClock
    from harness.gateway.content.examine import Engine
    from harness.gateway.content.outcome import Mail
    from harness.gateway.resolver import ZoneResolver

    text = b"Content-Type: text/plain\n\n" + b"Hello there, this is a line of text.\n" * 45
    body = b"\n--b\n".join((b"", text, _attached("notes.pdf", Random(1).randbytes(1400)))) + b"\n--b--\n"
    data = b'From: <a@ok.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n' + body
    mail = Mail("Q", "a@ok.test", ("u@ok.test",), "192.0.2.7", "mail.ok.test", data)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        engine = Engine.load(Path(directory))
        resolver, clock = ZoneResolver(fakedns.Zone()), SystemClock()

        async def all_of_them() -> None:
            for _ in range(_MAILS):
                outcome = await engine.examine(mail, lambda name, stored: True, clock, "gw.test", resolver)
                assert outcome.deliveries

        def parse() -> None:
            for part in email.message_from_bytes(data, policy=email.policy.compat32).walk():
                part.get_payload(decode=True)

        def ours() -> float:
            return _MAILS * _each(1, lambda: asyncio.run(all_of_them()))

        mine, peer = in_turns(ours, lambda: _each(_MAILS, parse))
    return Figure("examine", mine, peer, "mails/s", "email.message_from_bytes", 0.25)


@benchmarks.register("scan")
def scan() -> Figure:
    """Zips of 1 MiB a second, against a clamd that is sent the same zips, both with 2 000 signatures.  Raises
    Unavailable.
    """
    from harness.corpus.container import containers
    from harness.gateway.clamd import Clamd
    from harness.gateway.content.budget import Budget, Limits
    from harness.gateway.content.rav_keys import BANNED
    from harness.gateway.content.scanner import ScanContext
    from harness.gateway.content.search import search
    from harness.gateway.content.signature_store import load_signatures
    from harness.gateway.rule import default_rule

    clamd = program("clamd", "clamav-daemon")
    chance = Random(2003)
    words = [chance.randbytes(6).hex() for _ in range(3000)]
    _, zipped = containers["zip"](("text.txt", " ".join(chance.choice(words) for _ in range(220_000)).encode()))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        (directory / "db").mkdir()
        lines = (f"Test.{number}:0:*:{chance.randbytes(24).hex()}\n" for number in range(_SIGNATURES))
        (directory / "db" / "ours.ndb").write_text("".join(lines))
        config = directory / "clamd.conf"
        config.write_text(
            f"DatabaseDirectory {directory}/db\nLocalSocket {directory}/socket\nForeground yes\nDisableCache yes\n"
            f"TemporaryDirectory {directory}\nUser {getpass.getuser()}\n"
        )
        context = ScanContext(load_signatures(directory / "db", "db"), BANNED, default_rule("banned_extensions"))
        client = Clamd(f"{directory}/socket", 30)
        mail = _attached("text.zip", zipped)

        def ours() -> None:
            budget = Budget(Limits(), time.monotonic)
            found: Any = asyncio.run(search(mail, budget, {(True, BANNED): context}))
            assert not found.unpacked.findings

        def its() -> None:
            assert asyncio.run(client.names_in(zipped)) == ()

        with running([clamd, "-c", str(config)], lambda: _answers(client)):
            ours()
            mine, peer = in_turns(lambda: _each(_SCANS, ours), lambda: _each(_SCANS, its))
    return Figure("scan", mine, peer, "zips/s", "clamd", 0.5)


def _answers(client: OutsideScanner) -> bool:
    try:
        return asyncio.run(client.names_in(b"ready?")) == ()
    except Exception:  # not yet
        return False
