"""wire - one connection of a client: bytes out at a pace, bytes in with the time at which they came. (IO)"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
from typing import cast

from harness.replay.step import AS_USUAL, Pace

# Who is still sending when the server has said goodbye gets a RST behind it (RFC 9293 3.10.7.1): that is no failure.
_FAREWELL = re.compile(rb"(?:\A|\n)(?:221|421|521)[ -][^\n]*\n\Z")
SMALL = 2304  # bytes of receive buffer of a slow reader: the least that Linux gives


class Wire(asyncio.Protocol):
    """Bytes in and out, with the time at which they came."""

    def __init__(self) -> None:
        self.pace = AS_USUAL
        self._chance = random.Random(0)
        self.received = bytearray()
        self.failure = ""
        self.started = 0.0
        self.at_ms = 0.0
        self._fresh = bytearray()
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        self._fresh += data
        self.at_ms = (asyncio.get_running_loop().time() - self.started) * 1000
        if self.pace.slow:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        if exc is not None and not _FAREWELL.search(self.received):
            self.failure = reason(exc)
        self._wake()
        self.resume_writing()
        if not self._lost.done():
            self._lost.set_result(None)

    def pause_writing(self) -> None:
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def set_pace(self, pace: Pace, seed: str | None = None) -> None:
        """From now on; the seed is that of gaps of chance."""
        self.pace = pace
        if seed is not None:
            self._chance.seed(seed)

    async def write(self, data: bytes) -> None:
        """Send at the pace of the moment: in pieces that the kernel does not put together again."""
        step = self.pace.segment or len(data) or 1
        for at in range(0, len(data), step):
            if self.transport.is_closing() or (at and self._ended):  # no use in going on, drop by drop
                return
            self.transport.write(data[at : at + step])
            if self._writable is not None:
                await self._writable
            elif self.pace.segment:
                await asyncio.sleep(self.gap_s())

    def gap_s(self) -> float:
        """The next gap: the same ones for the same seed."""
        return self._chance.uniform(*self.pace.gap)

    async def read(self, seconds: float) -> bytes | None:
        """What came since the last time; b"" at the end; None when nothing came in so many seconds."""
        if not self._fresh and not self._ended and not self.transport.is_reading():
            await asyncio.sleep(self.gap_s())
            self.transport.resume_reading()
        if not self._fresh and not self._ended:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            await self._waiter
            timer.cancel()
        if not self._fresh:
            return b"" if self._ended else None
        data = bytes(self._fresh)
        self._fresh.clear()
        return data

    def reset(self) -> None:
        """End with a RST: what the other side has not read yet is lost (SO_LINGER of 0 s)."""
        if (sock := self.transport.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def finish(self) -> None:
        """Close our side for writing."""
        if self.transport.can_write_eof():
            self.transport.write_eof()

    async def close(self) -> None:
        """Let the connection go, and wait until it is gone; what nobody reads is not waited for."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        self.transport.close()
        await self._lost

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return error.strerror or str(error)
    return str(error) or type(error).__name__
