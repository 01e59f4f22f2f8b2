"""smtp_connection: what it says of a next hop that is not there, falls silent, or hangs up in the middle of a reply."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from harness.gateway.smtp_connection import Lost, SmtpConnection, Unreachable

SHOWN = "hop[192.0.2.25]:25"


def talking(said: bytes, test: Callable[[SmtpConnection], Awaitable[None]], *, ends: bool = False) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in said:
            writer.write(bytes((byte,)))
            await asyncio.sleep(0)
        if not ends:
            await reader.read()
        writer.transport.abort()

    async def run() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            connection = await SmtpConnection.connect(server.sockets[0].getsockname(), SHOWN, 5)
            await test(connection)
            connection.abort()
            for _ in range(5):  # until both ends know
                await asyncio.sleep(0)

    asyncio.run(run())


def test_a_reply_may_come_in_pieces_and_two_at_once() -> None:
    async def test(connection: SmtpConnection) -> None:
        first = await connection.reply("talking", 5)
        assert (first.code, first.lines) == (250, ("a", "b"))
        assert (await connection.reply("talking", None)).code == 251
        assert connection.silent

    talking(b"250-a\r\n250 b\r\n251 c\r\n", test)


def test_silence_is_given_up() -> None:
    async def test(connection: SmtpConnection) -> None:
        with pytest.raises(Lost, match=r"^conversation with hop\[192.0.2.25\] timed out while talking$"):
            await connection.reply("talking", 0.01)

    talking(b"250-a\r\n", test)


def test_half_a_reply_and_an_end_is_a_lost_connection() -> None:
    async def test(connection: SmtpConnection) -> None:
        with pytest.raises(Lost, match=r"^lost connection with hop\[192.0.2.25\] while talking$"):
            await connection.reply("talking", 5)
        assert not connection.silent
        connection.say("QUIT")  # to nobody
        with pytest.raises(Lost):
            await connection.ask("RSET", "asking", 5)

    talking(b"250-a\r\n", test, ends=True)


def test_who_does_not_listen_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match=r"^connect to hop\[192.0.2.25\]:25: Connection refused$"):
            asyncio.run(SmtpConnection.connect(closed.getsockname(), SHOWN, 5))
