"""handover: the agents that need no next hop, and numbers as the log shows them."""

from __future__ import annotations

import asyncio

import pytest

import fakedns
from harness.clock import HandClock
from harness.gateway.handover import Handover, shown_delay
from harness.gateway.maillog import MailLog
from harness.gateway.queued import Queued
from harness.gateway.resolver import RecordingResolver, ZoneResolver
from harness.gateway.smtp_client import Envelope, Sent
from harness.smtp.reply import reply

MAIL = Queued("A1", "a@good.test", ("u@ok.test",), 95.0, 3, data=b"x")


@pytest.mark.parametrize(
    ("transport", "nexthop", "status", "why", "lines"),
    [
        ("discard", "", "2.0.0", "discarded", ["status=sent (discarded)"]),
        ("discard", "gone", "2.0.0", "gone", ["status=sent (gone)"]),
        ("error", "5.1.2 not here", "5.1.2", "not here", ["dsn=5.1.2, status=bounced (not here)"]),
        ("error", "no", "5.0.0", "no", ["dsn=5.0.0, status=bounced (no)"]),
        ("retry", "later", "4.0.0", "later", ["dsn=4.0.0, status=deferred (later)"]),
        (
            "nosuch",
            "[192.0.2.1]",
            "4.3.0",
            "mail transport unavailable",
            [
                "warning: connect to transport private/nosuch: No such file or directory",
                "dsn=4.3.0, status=deferred (mail transport unavailable)",
            ],
        ),
        ("local", "ok.test", "5.3.5", "mail transport local unavailable", ["status=bounced"]),
    ],
)
def test_agents_without_a_next_hop(transport: str, nexthop: str, status: str, why: str, lines: list[str]) -> None:
    async def nowhere(nexthop: str, host: str, envelope: Envelope, data: bytes) -> Sent:
        raise AssertionError("nothing is sent")

    log: list[str] = []
    resolver = ZoneResolver(fakedns.parse_zone("ok.test. A 192.0.2.1\n"))
    maillog = MailLog(HandClock(100.0), "gw", log.append)
    handover = Handover(maillog, resolver, nowhere)
    (attempt,) = asyncio.run(handover.give(MAIL, transport, nexthop, ["u@ok.test"]))
    assert (attempt.status, attempt.why) == (status, why)
    assert len(log) == len(lines) and all(wanted in line for wanted, line in zip(lines, log, strict=True))
    assert "delay=5, delays=5/0/0/0" in log[-1]


@pytest.mark.parametrize(("kept", "relay", "uses"), [
    ("", "ok.test[192.0.2.1]:25", 1), ("hop[192.0.2.9]:25", "hop[192.0.2.9]:25, conn_use=3", 3),
])  # fmt: skip
def test_dns_is_not_asked_for_a_next_hop_to_which_there_is_a_connection(kept: str, relay: str, uses: int) -> None:
    async def send(nexthop: str, host: str, envelope: Envelope, data: bytes) -> Sent:
        return Sent({"u@ok.test": (reply(250, "2.0.0", "Ok"), "end of DATA")}, uses=uses)

    log: list[str] = []
    resolver = RecordingResolver(ZoneResolver(fakedns.parse_zone("ok.test. A 192.0.2.1\n")))
    handover = Handover(MailLog(HandClock(95.0), "gw", log.append), resolver, send, lambda nexthop: kept)
    asyncio.run(handover.give(MAIL, "smtp", "[ok.test]", ["u@ok.test"]))
    assert f"relay={relay}, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)" in log[-1]
    assert [name for name, _, _ in resolver.asked] == ([] if kept else ["ok.test"])


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1.0, "0"),
        (0.0, "0"),
        (0.0004, "0"),
        (0.016, "0.02"),
        (0.5, "0.5"),
        (1.26, "1.3"),
        (12.6, "13"),
        (345.2, "345"),
    ],
)
def test_delays_have_two_digits_that_count(seconds: float, shown: str) -> None:
    assert shown_delay(seconds) == shown
