"""conftest - a whole gateway in the test's own event loop: started, talked to, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import fakedns
from harness.clock import HandClock
from harness.gateway.content.examine import Engine
from harness.gateway.maillog import MailLog
from harness.gateway.observer import Kept, Notified, Observer
from harness.gateway.resolver import ZoneResolver
from harness.gateway.server import Gateway
from harness.gateway.session import Asked, Session
from harness.gateway.settings import Settings
from harness.observation import Delivery
from harness.replay.client import Replayed, replay
from harness.replay.hop_script import HopScript
from harness.replay.identity import Identity
from harness.replay.script import parse_chat
from harness.replay.sink import Sink
from harness.scenario import NextHop

BASE = {
    "compatibility_level": "3.6",
    "myhostname": "gw.ok.test",
    "mydestination": "",
    "mynetworks": "192.168.1.0/24",
    "relay_domains": "ok.test",
    "relayhost": "[hop.ok.test]",
    "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
    "smtpd_authorized_xclient_hosts": "127.0.0.0/8",
    "smtpd_error_sleep_time": "0s",
}
ZONE = """
hop.ok.test. A 192.0.2.25
mail.good.test. A 192.0.2.7
7.2.0.192.in-addr.arpa. PTR mail.good.test.
8.2.0.192.in-addr.arpa. PTR mail.good.test.
"""


class Heard(Observer):
    """Everything a gateway tells, in lists."""

    def __init__(self) -> None:
        self.fates: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.notices: list[Notified] = []
        self.objects: list[Kept] = []
        self.sessions: list[Session] = []

    def session_began(self, session: Session, peer: tuple[str, int]) -> None:
        self.sessions.append(session)

    def queued(self, session: Session, queue_id: str) -> None:
        self.ids.append(queue_id)

    def settled(self, queue_id: str, fate: str) -> None:
        self.fates.append((queue_id, fate))

    def asked(self, queue_id: str, lines: tuple[Asked, ...]) -> None: ...

    def notified(self, notice: Notified) -> None:
        self.notices.append(notice)

    def kept(self, kept: Kept) -> None:
        self.objects.append(kept)


@dataclass
class Bench:
    """A running gateway and what there is to see of it."""

    gateway: Gateway
    address: tuple[str, int]
    sink: Sink
    heard: Heard
    queue: Path
    clock: HandClock
    lines: list[str] = field(default_factory=list)

    async def chat(self, text: str, client: str = "192.0.2.7", name: str = "mail.good.test") -> Replayed:
        identity = Identity(client, name=name, reverse_name=name)
        return await replay(parse_chat(text, {}, "chat", 1), self.address, identity, timeout_s=5)

    async def direct(self, text: str) -> Replayed:
        """Without XCLIENT: as the loopback client it really is."""
        return await replay(
            parse_chat(text, {}, "chat", 1), self.address, Identity("127.0.0.1", via="none"), timeout_s=5
        )

    @property
    def log(self) -> list[str]:
        return [line.partition("]: ")[2] for line in self.lines]

    @property
    def waiting(self) -> list[str]:
        """Queue ids of what is in the queue."""
        mails, corrupt = self.gateway._queue.pending()
        assert not corrupt
        return [mail.queue_id for mail in mails]

    @property
    def deliveries(self) -> list[Delivery]:
        return self.sink.deliveries


Open = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def running(tmp_path: Path) -> Open:
    """async with running({...main.cf...}, rav={...}, files={...}, replies={...}) as bench."""

    @asynccontextmanager
    async def start(
        config: dict[str, str] | None = None,
        *,
        rav: dict[str, str] | None = None,
        files: dict[str, str] | None = None,
        replies: dict[str, str] | None = None,
        next_hop: tuple[str, int] | None = None,
    ) -> AsyncIterator[Bench]:
        for name, text in (files or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        if rav is not None:
            (tmp_path / "rav").mkdir(exist_ok=True)
        values = BASE | (config or {})
        (tmp_path / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in values.items()))
        sink, heard, lines = Sink(HopScript(NextHop(replies=replies or {}))), Heard(), list[str]()
        hop = await sink.start()
        clock = HandClock(1060506000.0)
        log = MailLog(clock, "gw.ok.test", lines.append)
        settings = Settings.load(tmp_path)
        engine = Engine.load(tmp_path / "rav", rav or {})
        resolver = ZoneResolver(fakedns.parse_zone(ZONE))
        queue = tmp_path / "queue"
        gateway = Gateway(settings, engine, resolver, log, queue, lambda nexthop: next_hop or hop, heard)
        address = await gateway.start()
        try:
            yield Bench(gateway, address, sink, heard, queue, clock, lines)
        finally:
            await gateway.stop()
            await sink.stop()
            await asyncio.sleep(0)

    return start
