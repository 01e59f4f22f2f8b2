"""sink: whose mail it is can be read from the topmost Received header."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket

import pytest

from harness.replay.hop_script import HopScript
from harness.replay.sink import Sink, queue_id
from harness.scenario import HopRule, NextHop


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Received: from a\r\n\tby gw (Postfix) with ESMTP id 4F2A1C0D\r\n\tfor <x>; now\r\n\r\n", "4F2A1C0D"),
        (
            b"X: id NOTTHIS1\r\nReceived: by gw id 4F2A1C0D; now\r\nReceived: by b id 999999999; then\r\n\r\n",
            "4F2A1C0D",
        ),
        (b"Subject: x\r\n\r\nReceived: by gw id 4F2A1C0D; now\r\n", ""),
        (b"", ""),
    ],
)
def test_the_queue_id_is_that_of_the_topmost_received(content: bytes, expected: str) -> None:
    assert queue_id(content) == expected


def test_a_socket_bound_elsewhere_is_served_beside_its_own() -> None:
    async def run() -> None:
        sink = Sink()
        own = (await sink.start())[1]
        listening = socket.create_server(("127.0.0.1", 0))
        there = listening.getsockname()[1]
        await sink.serve(listening)

        def send(port: int) -> None:
            with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
                client.sendmail("a@ok.test", ["u@gw.test"], b"Subject: x\r\n\r\ny\r\n")

        for port in (own, there):
            await asyncio.to_thread(send, port)
        assert [delivery.recipients for delivery in sink.deliveries] == [("u@gw.test",)] * 2
        await sink.stop()

    asyncio.run(run())


DIALOGUE = (b"", b"EHLO gw", b"MAIL FROM:<a@ok.test>", b"RCPT TO:<u@gw.test>", b"DATA", b"Subject: x\r\n\r\nhi\r\n.",
            b"QUIT")  # fmt: skip


def talk(rule: HopRule, *rounds: tuple[bytes, ...], patience_s: float = 5) -> tuple[list[list[str]], Sink]:
    """What the next hop says in each of these dialogues: codes, `closed`, `reset`, or `silence`."""

    async def one(address: tuple[str, int], number: int, dialogue: tuple[bytes, ...]) -> list[str]:
        reader, writer = await asyncio.open_connection(*address)
        said: list[str] = []
        try:
            for line in dialogue:
                writer.write(line + b"\r\n" if line else b"")
                said.append(await asyncio.wait_for(reply(reader), patience_s if number == 1 else 5))
        except TimeoutError:
            said.append("silence")
        except asyncio.IncompleteReadError:
            said.append("closed")
        except ConnectionError:
            said.append("reset")
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return said

    async def run() -> tuple[list[list[str]], Sink]:
        sink = Sink(HopScript(NextHop([rule])))
        address = await sink.start()
        said = [await one(address, number, dialogue) for number, dialogue in enumerate(rounds, 1)]
        await sink.stop()
        return said, sink

    return asyncio.run(run())


async def reply(reader: asyncio.StreamReader) -> str:
    while (line := await reader.readuntil(b"\n"))[3:4] == b"-":
        pass
    return line[:3].decode()


ALL = ["220", "250", "250", "250", "354", "250", "221"]


@pytest.mark.parametrize(
    ("rule", "said", "arrived"),
    [
        (HopRule("connect", times=1, reply="421 4.3.2 busy"), ["421", "closed"], 0),
        (HopRule("connect", times=1, drop="close"), ["closed"], 0),
        (HopRule("connect", times=1, silence=True), ["silence"], 0),
        (HopRule("ehlo", times=1, reply="502 what"), ["220", "502", "503"], 0),
        (HopRule("mail", times=1, reply="451 4.3.0 later"), ["220", "250", "451", "503"], 0),
        (HopRule("rcpt", to="u@*", times=1, reply="450 4.2.0 later"), ["220", "250", "250", "450", "503"], 0),
        (HopRule("rcpt", times=1, reply="421 4.3.2 bye"), ["220", "250", "250", "421", "closed"], 0),
        (HopRule("rcpt", times=1, delay="1ms"), ALL, 1),
        (HopRule("rcpt", times=1, drop="reset"), ["220", "250", "250", "reset"], 0),
        (HopRule("data", times=1, half_close=True), ["220", "250", "250", "250", "closed"], 0),
        (HopRule("content", times=1, drop="reset"), ["220", "250", "250", "250", "354", "reset"], 0),
        (HopRule("content", times=1, drop="close", bytes=9999), ALL, 1),
        (HopRule("end_of_data", times=1, reply="550 5.7.1 no"), [*ALL[:5], "550", "221"], 0),
        (HopRule("end_of_data", times=1, drop="close"), [*ALL[:5], "closed"], 0),
        (HopRule("end_of_data", times=1, drop="close", taken=True), [*ALL[:5], "closed"], 1),
        (HopRule("end_of_data", times=1, silence=True, taken=True), [*ALL[:5], "silence"], 1),
        (HopRule("quit", times=1, drop="close"), [*ALL[:6], "closed"], 1),
    ],
)
def test_what_the_script_says_happens_once_and_then_no_more(rule: HopRule, said: list[str], arrived: int) -> None:
    until = DIALOGUE[: len(said)]  # a client that is told something else does not go on as if it were not
    seen, sink = talk(rule, until, DIALOGUE, patience_s=0.2 if "silence" in said else 5)
    assert seen == [said, ALL]
    assert len(sink.deliveries) == arrived + 1


def test_starttls_is_offered_where_a_rule_speaks_of_it() -> None:
    dialogue = (b"", b"EHLO gw", b"STARTTLS")
    seen, _ = talk(HopRule("starttls", reply="454 4.7.0 no"), dialogue)
    assert seen == [["220", "250", "454"]]
