"""postfix: a real one, started in its own network, used, observed, and gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import fakedns
from harness.clock import HandClock
from harness.errors import ConfigError
from harness.fixtures import World as Fixture
from harness.observation import Delivery, SessionSeen
from harness.replay.sink import Sink
from harness.target import Target, World, targets

pytestmark = pytest.mark.witness

CONFIG = """compatibility_level = 3.6
myhostname = gw.ok.test
mydestination =
relay_domains = ok.test
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unknown_sender_domain
header_checks = regexp:/etc/postfix/words
transport_maps = inline:{{gone@ok.test = error:5.1.6 moved away}}
"""
WORDS = "/^Subject: bad/ REJECT no\n/^Subject: keep/ HOLD\n/^Subject: drop/ DISCARD\n"


@dataclass
class Ends:
    """As run.py has them."""

    dns: fakedns.FakeDns
    sink: Sink

    async def serve_dns(self, udp: object, tcp: object) -> None:
        await self.dns.serve(udp, tcp)  # type: ignore[arg-type]

    async def serve_next_hop(self, listening: object) -> None:
        await self.sink.serve(listening)  # type: ignore[arg-type]

    def deliveries(self) -> Sequence[Delivery]:
        return self.sink.deliveries


@pytest.fixture
def target() -> Target:
    made = targets["postfix"]()
    if reason := made.missing():
        pytest.skip(reason)
    return made


def world(directory: Path) -> World:
    ends = Ends(fakedns.FakeDns(fakedns.Responder(fakedns.Zone())), Sink())
    nowhere = ("127.0.0.1", 1)
    return World(directory, {}, {}, nowhere, nowhere, directory, HandClock(), ends=ends)


@pytest.fixture
def gateway(tmp_path: Path, target: Target) -> Iterator[Fixture]:
    config = tmp_path / "config"
    config.mkdir()
    (config / "main.cf").write_text(CONFIG)
    (config / "words").write_text(WORDS)
    with Fixture(tmp_path) as made:
        made.gateway.start(config, target="postfix")
        made.zone("ok.test. MX 10 mail.ok.test.\nmail.ok.test. A 192.0.2.8")
        yield made


async def started(target: Target, directory: Path) -> float:
    """Start it and stop it; gives the seconds until it was ready."""
    made = world(directory)
    assert isinstance(made.ends, Ends)
    before = time.perf_counter()
    try:
        running = await target.start(made)
        taken = time.perf_counter() - before
        await running.stop()
    finally:
        await made.ends.dns.stop()
        await made.ends.sink.stop()
    return taken


def replay(gateway: Fixture, sender: str = "a@ok.test", to: str = "user@ok.test", **message: str) -> SessionSeen:
    return gateway.replay(send={"from": sender, "to": [to], "message": message})


def test_a_refusal_is_seen_with_its_log_and_its_dns_questions(gateway: Fixture) -> None:
    gateway.zone("nosuch.test. TXT nothing")
    seen = replay(gateway, sender="a@sub.nosuch.test")
    assert seen.verdict == "defer"
    assert seen.log is not None
    assert any("Domain not found; from=<a@sub.nosuch.test>" in line.text for line in seen.log)
    assert seen.dns_queries is not None and ("sub.nosuch.test", "MX") in [(q.name, q.type) for q in seen.dns_queries]
    assert seen.trace is None, "a real Postfix keeps no trace: not looked at, and not called empty"


def test_a_mail_arrives_and_is_accounted_for(gateway: Fixture) -> None:
    seen = replay(gateway, subject="fine")
    assert [delivery.recipients for delivery in seen.deliveries] == [("user@ok.test",)]
    assert seen.accounts == ((seen.queue_ids[0], "delivered"),)


@pytest.mark.parametrize(
    ("subject", "verdict", "fate"),
    [("bad", "reject", None), ("keep", "hold", "held"), ("drop", "discard", "discarded")],
)
def test_what_cleanup_does_shows_in_the_accounts(gateway: Fixture, subject: str, verdict: str, fate: str) -> None:
    seen = replay(gateway, subject=subject)
    assert seen.verdict == verdict
    assert [name for _, name in seen.accounts or ()] == ([fate] if fate else [])
    assert not seen.deliveries


def test_a_bounce_is_a_notification(gateway: Fixture) -> None:
    gateway.next_hop.replies["RCPT user@ok.test"] = "550 5.1.1 who is that?"
    seen = replay(gateway)
    assert seen.verdict == "bounce"
    assert seen.notifications is not None
    assert [(notice.kind, notice.to) for notice in seen.notifications] == [("bounce", "a@ok.test")]
    assert b"who is that?" in seen.notifications[0].data


def test_a_mail_the_next_hop_wants_later_stays_in_the_queue(gateway: Fixture) -> None:
    gateway.next_hop.replies["DATA"] = "451 4.3.0 later"
    assert [fate for _, fate in replay(gateway).accounts or ()] == ["queued"]


def test_an_address_that_is_an_error_is_refused_with_the_reason(gateway: Fixture) -> None:
    seen = replay(gateway, to="gone@ok.test")
    assert str(seen.exchanges[3].reply) == "550 5.1.6 <gone@ok.test>: Recipient address rejected: moved away"


def test_a_configuration_that_postfix_refuses_is_refused_in_its_words(tmp_path: Path, target: Target) -> None:
    (tmp_path / "main.cf").write_text("smtpd_relay_restrictions = permit\n")
    with pytest.raises(ConfigError, match="specify at least one working instance of"):
        asyncio.run(started(target, tmp_path))
    (tmp_path / "main.cf").write_text("soft_bounce = maybe\nsmtpd_relay_restrictions = reject\n")
    with pytest.raises(ConfigError, match="bad boolean configuration: soft_bounce = maybe"):
        asyncio.run(started(target, tmp_path))


def test_it_is_ready_soon(tmp_path: Path, target: Target) -> None:
    """Within 100 ms of its start; the best of many, since a test machine has other things to do."""
    (tmp_path / "main.cf").write_text(CONFIG)
    (tmp_path / "words").write_text(WORDS)
    assert any(asyncio.run(started(target, tmp_path)) < 0.1 for _ in range(40))


def test_many_warnings_about_its_configuration_do_not_keep_it_from_its_start(tmp_path: Path, target: Target) -> None:
    """Every daemon logs them, postlogd included, before anybody reads its socket."""
    twice = "".join(f"smtpd_banner = number {number}\n" for number in range(12))
    (tmp_path / "main.cf").write_text(CONFIG + twice)
    (tmp_path / "words").write_text(WORDS)
    assert max(asyncio.run(started(target, tmp_path)) for _ in range(8)) < 5
