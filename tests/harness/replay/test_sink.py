"""sink: whose mail it is can be read from the topmost Received header."""

from __future__ import annotations

import asyncio
import smtplib
import socket

import pytest

from harness.replay.sink import Sink, queue_id


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
