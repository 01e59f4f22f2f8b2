"""client and sink: a real conversation with aiosmtpd, and what happens when nobody is there."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal, cast

import pytest

from harness.observation import Delivery
from harness.replay import client
from harness.replay.client import Address, Replayed, replay
from harness.replay.hop_script import HopScript
from harness.replay.identity import Identity
from harness.replay.script import Script, parse_chat, script_of
from harness.replay.sink import Sink
from harness.replay.step import DnsFault, Pace
from harness.scenario import NextHop, Send

NOBODY = Identity("192.0.2.7", via="none")


def played(script: Script, replies: dict[str, str] | None = None, **options: int) -> tuple[Replayed, list[Delivery]]:
    async def run() -> tuple[Replayed, list[Delivery]]:
        sink = Sink(HopScript(NextHop(replies=replies or {})))
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
    replayed, deliveries = played(replace(script, pace=Pace(segment)))
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


@pytest.mark.parametrize(
    ("replies", "phases"),
    [
        ({"DATA": "451 4.3.0 later"}, [("data", 451), ("quit", 221)]),
        ({"END-OF-DATA": "550 5.7.1 no"}, [("data", 354), ("end_of_data", 550), ("quit", 221)]),
        ({"EHLO": "502 5.5.2 no"}, [("data", 354), ("end_of_data", 250), ("quit", 221)]),
    ],
)
def test_each_place_in_which_a_next_hop_can_refuse(replies: dict[str, str], phases: list[tuple[str, int]]) -> None:
    replayed, deliveries = played(script_of(Send(to=["b@gw.test"]), b"x\r\n", "h"), replies)
    seen = [(e.phase, e.reply.code if e.reply else 0) for e in replayed.exchanges]
    assert seen[-len(phases) :] == phases
    assert len(deliveries) == (("end_of_data", 250) in phases)
    if "EHLO" in replies:
        assert seen[1:3] == [("helo", 502), ("helo", 250)], "HELO is said where EHLO is refused"


def test_lines_of_any_length_arrive() -> None:
    content = b"X" * 100_000 + b"\r\n"
    assert played(script_of(Send(), content, "h"))[1][0].data == content


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


def test_no_two_sessions_of_a_run_come_from_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel gives a port out again as soon as the server has closed first; a gateway's records would be mixed up."""
    again = client._bound("127.0.0.1")
    earlier: Address = again.getsockname()
    offered = [again, client._bound("127.0.0.1")]
    monkeypatch.setattr(client, "_bound", lambda host: offered.pop(0))

    async def run() -> set[Address]:
        sink, taken = Sink(), {earlier}
        address = await sink.start()
        try:
            replayed = await replay(parse_chat("S: 220", {}, "s"), address, NOBODY, timeout_s=5, taken=taken)
        finally:
            await sink.stop()
        assert not replayed.failure and replayed.local != earlier
        assert taken == {earlier, replayed.local}
        return taken

    assert len(asyncio.run(run())) == 2 and not offered


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


def against(
    server: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], text: str, **options: float
) -> Replayed:
    """A chat with a server of the test's own; what the server does is over when the chat is."""

    async def run() -> Replayed:
        serving: list[asyncio.Task[None] | None] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            serving.append(asyncio.current_task())
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await server(reader, writer)
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

        listening = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            return await replay(parse_chat(text, {}, "s.yaml"), listening.sockets[0].getsockname(), NOBODY, **options)
        finally:
            listening.close()
            for task in filter(None, serving):
                task.cancel()
                await asyncio.wait([task])

    return asyncio.run(run())


@pytest.mark.parametrize("identity", ["none", "xclient"])
def test_a_server_that_drips_ends_at_the_deadline_of_the_session(identity: Literal["none", "xclient"]) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"2")
            await asyncio.sleep(0.005)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[__name__], "NOBODY", Identity("192.0.2.7", via=identity))
        assert against(drip, "S: 220", timeout_s=5, session_s=0.1).failure == "the session was not over after 0.1 s"


def test_a_server_that_does_not_read_ends_there_too() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cast(asyncio.ReadTransport, writer.transport).pause_reading()
        writer.write(b"220 hi\r\n")
        await asyncio.sleep(60)

    replayed = against(deaf, f"S: 220\nC. {'x' * 1000}\\*20000000\nS: 250", timeout_s=5, session_s=0.2)
    assert replayed.failure == "the session was not over after 0.2 s"


@pytest.mark.parametrize(
    ("said", "closes", "closed"),
    [("421 4.3.2 bye", True, True), ("421 4.3.2 bye", False, False), ("250 ok", True, False)],
)
def test_whether_the_server_hung_up_after_its_last_words_is_waited_for(said: str, closes: bool, closed: bool) -> None:
    async def part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(f"{said}\r\n".encode())
        await writer.drain()
        if said.startswith("250") or not closes:
            await reader.read()  # until the client goes
        await asyncio.sleep(0)
        writer.close()

    assert against(part, f"S: 220\nC: NOOP\nS: {said[:3]}").closed == closed


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


MAIL_AGAIN = """S: 220
C: EHLO a
S* 250
C: MAIL FROM:<a@ok.test>
S: 250
C: RCPT TO:<b@gw.test>
S: 250
C: DATA
S: 354
C: Subject: x
!rst
!reconnect
S: 220
C: EHLO a
S* 250
C: MAIL FROM:<a@ok.test>
S: 250
C: RCPT TO:<b@gw.test>
S: 250
C: DATA
S: 354
C: Subject: x
C: .
S: 250
"""


def test_a_session_may_have_several_connections_each_with_its_own_port() -> None:
    replayed, deliveries = played(parse_chat(MAIL_AGAIN, {}, "chat"))
    assert not replayed.failure and not replayed.step_failures
    assert len(deliveries) == 1
    (second,) = replayed.others
    assert replayed.local != second and replayed.received.count(b"220 next-hop.test") == 2


def test_what_the_script_does_to_the_dns_is_told() -> None:
    told: list[DnsFault] = []

    async def run() -> None:
        sink = Sink()
        script = parse_chat("S: 220\n!dns broken on\nC: NOOP\nS: 250", {}, "chat")
        await replay(script, await sink.start(), NOBODY, timeout_s=5, dns=told.append)
        await sink.stop()

    asyncio.run(run())
    assert told == [DnsFault("broken", True, 2)]
