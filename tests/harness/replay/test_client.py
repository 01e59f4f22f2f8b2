"""client and sink: a real conversation with aiosmtpd, and what happens when nobody is there."""

from __future__ import annotations

import asyncio
import smtplib
import socket

import pytest

from harness.observation import Delivery
from harness.replay.client import Replayed, replay
from harness.replay.identity import Identity
from harness.replay.script import Script, parse_chat, script_of
from harness.replay.sink import Sink
from harness.scenario import Send

NOBODY = Identity("192.0.2.7", via="none")


def played(script: Script, replies: dict[str, str] | None = None, **options: int) -> tuple[Replayed, list[Delivery]]:
    async def run() -> tuple[Replayed, list[Delivery]]:
        sink = Sink(replies)
        address = await sink.start()
        try:
            return await replay(script, address, NOBODY, timeout_s=5, **options), sink.deliveries
        finally:
            await sink.stop()

    return asyncio.run(run())


@pytest.mark.parametrize("segment", [None, 1, 7])
def test_a_mail_arrives_as_it_was_sent_however_it_is_cut(segment: int | None) -> None:
    content = b"Subject: x\r\nReceived: by gw (Postfix) with ESMTP id 4F2A1C0D; now\r\n\r\n.dot\r\n..two\r\n"
    script = script_of(Send(sender="a@ok.test", to=["b@gw.test"]), content, "mail.ok.test")
    replayed, deliveries = played(script, **({} if segment is None else {"segment": segment}))
    assert not replayed.failure and not replayed.step_failures
    (delivery,) = deliveries
    assert (delivery.sender, delivery.recipients, delivery.data) == ("a@ok.test", ("b@gw.test",), content)
    assert delivery.queue_id == "4F2A1C0D"
    assert replayed.received.startswith(b"220 next-hop.test")
    assert replayed.local[0] == "127.0.0.1"


def test_the_next_hop_refuses_what_it_is_told_to() -> None:
    script = script_of(Send(to=["full@gw.test", "b@gw.test"]), b"x\r\n", "h")
    replayed, deliveries = played(script, {"RCPT full@gw.test": "452 4.2.2 mailbox full"})
    assert [e.reply.code for e in replayed.exchanges if e.phase == "rcpt" and e.reply] == [452, 250]
    assert deliveries[0].recipients == ("b@gw.test",)
    replayed, deliveries = played(script, {"END-OF-DATA": "550 5.7.1 no"})
    assert replayed.exchanges[-2].reply is not None and replayed.exchanges[-2].reply.code == 550
    assert not deliveries


def test_smtplib_can_deliver_to_the_sink() -> None:
    async def run() -> list[Delivery]:
        sink = Sink()
        host, port = await sink.start()

        def send() -> None:
            with smtplib.SMTP(host, port, timeout=5) as client:
                client.sendmail("a@ok.test", ["b@gw.test"], b"Subject: hi\r\n\r\nhello\r\n")

        await asyncio.to_thread(send)
        await sink.stop()
        return sink.deliveries

    assert asyncio.run(run())[0].data == b"Subject: hi\r\n\r\nhello\r\n"


def test_a_refused_connection_is_a_failure_and_no_exception() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = closed.getsockname()
    replayed = asyncio.run(replay(parse_chat("S: 220", {}, "s"), address, NOBODY, timeout_s=5))
    assert "Connect call failed" in replayed.failure or "refused" in replayed.failure
    assert replayed.exchanges == ()


def test_a_target_without_xclient_says_so() -> None:
    async def run() -> Replayed:
        sink = Sink()
        try:
            return await replay(parse_chat("S: 220", {}, "s"), await sink.start(), Identity("192.0.2.7"), timeout_s=5)
        finally:
            await sink.stop()

    assert "does not offer XCLIENT" in asyncio.run(run()).failure


def test_a_silent_target_is_a_step_failure_after_the_timeout() -> None:
    async def run() -> Replayed:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        try:
            return await replay(parse_chat("S: 220", {}, "s.yaml"), address, NOBODY, timeout_s=0.05)
        finally:
            server.close()
            await server.wait_closed()

    assert asyncio.run(run()).step_failures == ("s.yaml:1: expected 220, and no reply came in 0.05 s",)
