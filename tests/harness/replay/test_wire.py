"""wire: bytes at a pace, both ways."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from harness.replay.step import Pace
from harness.replay.wire import Wire

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def connected(serve: Serve) -> tuple[asyncio.Server, Wire]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    _, wire = await asyncio.get_running_loop().create_connection(Wire, *server.sockets[0].getsockname())
    return server, wire


@pytest.mark.parametrize(("segment", "least"), [(None, 1), (1, 6), (4, 2)])
def test_each_segment_is_a_packet_of_its_own(segment: int | None, least: int) -> None:
    packets: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            packets.append(data)
        writer.close()

    async def run() -> None:
        server, wire = await connected(serve)
        wire.set_pace(Pace(segment, (0.005, 0.01)), "seed")
        await wire.write(b"NOOP\r\n")
        wire.finish()
        assert await wire.read(5) == b""
        await wire.close()
        server.close()

    asyncio.run(run())
    assert b"".join(packets) == b"NOOP\r\n" and len(packets) >= least


def test_gaps_of_chance_are_those_of_the_seed() -> None:
    async def run() -> list[float]:
        wire = Wire()
        wire.set_pace(Pace(1, (0.0, 1.0)), "seed")
        return [wire.gap_s() for _ in range(3)]

    first, second = asyncio.run(run()), asyncio.run(run())
    assert first == second and len(set(first)) == 3


def test_a_slow_reader_takes_what_comes_in_portions() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 500_000)
        writer.write_eof()
        await reader.read()
        writer.close()

    async def run() -> list[int]:
        server, wire = await connected(serve)
        wire.set_pace(Pace(gap=(0.001, 0.001), slow=True))
        sizes = []
        while data := await wire.read(5):
            sizes.append(len(data))
        await wire.close()
        server.close()
        return sizes

    sizes = asyncio.run(run())
    assert sum(sizes) == 500_000 and len(sizes) > 2


def test_a_reset_is_one() -> None:

    async def run() -> None:
        reset = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
                raise AssertionError("a FIN, and no RST")
            reset.set()
            writer.close()

        server, wire = await connected(serve)
        wire.reset()
        await wire.close()
        await asyncio.wait_for(reset.wait(), 5)
        server.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "failure"),
    [(b"250 ok\r\n421 4.4.2 bye\r\n", ""), (b"250 ok\r\n", "Connection reset by peer"), (b"", "reset")],
)
def test_a_reset_behind_a_goodbye_is_no_failure(said: bytes, failure: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await reader.read(4)
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def run() -> Wire:
        server, wire = await connected(serve)
        if said:
            assert await wire.read(5) == said
        await wire.write(b"drop")
        assert await wire.read(5) == b""
        await wire.close()
        server.close()
        return wire

    assert failure in asyncio.run(run()).failure
