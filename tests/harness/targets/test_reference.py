"""reference: it is observed by the client's own port, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import fakedns
from harness.clock import HandClock
from harness.errors import ConfigError
from harness.replay.client import replay
from harness.replay.identity import Identity
from harness.replay.script import parse_chat
from harness.replay.sink import Sink
from harness.target import World, targets

CONFIG = """compatibility_level = 3.6
myhostname = gw.ok.test
mydestination =
relay_domains = ok.test
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unknown_sender_domain
"""


def test_a_session_is_found_by_its_port_with_trace_log_and_questions(tmp_path: Path) -> None:
    async def run() -> None:
        (tmp_path / "main.cf").write_text(CONFIG)
        dns = fakedns.FakeDns(fakedns.Responder(fakedns.parse_zone("good.test. MX 10 mail.good.test.")))
        sink = Sink()
        target = targets["reference"]()
        assert target.missing() == ""
        world = World(tmp_path, {}, {}, await dns.start(), await sink.start(), tmp_path, HandClock(1060506000.0))
        running = await target.start(world)
        text = "S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<a@nosuch.test>\nS: 250\nC: RCPT TO:<u@ok.test>\nS: 450\nC: QUIT\nS: 221"
        replayed = await replay(parse_chat(text, {}, "s"), running.smtp, Identity("192.0.2.7"), timeout_s=5)
        await running.settle(5)
        record = running.session(replayed.local)
        assert not replayed.step_failures
        assert record.trace is not None and record.trace[-1].element == "reject_unknown_sender_domain"
        assert record.log is not None and any("Domain not found" in line.text for line in record.log)
        assert record.dns_queries is not None and ("nosuch.test", "MX") in [
            (q.name, q.type) for q in record.dns_queries
        ]
        assert running.session(("127.0.0.1", 1)).trace is None, "nobody came from there"
        assert running.record().accounts == ()
        await running.stop()
        await sink.stop()
        await dns.stop()

    asyncio.run(run())


def test_a_configuration_that_postfix_refuses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_text("smtpd_relay_restrictions = permit\n")
    world = World(tmp_path, {}, {}, ("127.0.0.1", 1), ("127.0.0.1", 1), tmp_path, HandClock())
    with pytest.raises(ConfigError, match="specify at least one working instance of"):
        asyncio.run(targets["reference"]().start(world))
