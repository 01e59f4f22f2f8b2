"""server - UDP and TCP sockets, on one port, around a responder. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import cast

from fakedns.querylog import Address
from fakedns.responder import Responder

_TRIES = 50  # for a UDP port whose number is free for TCP, too
_IDLE_S = 30.0  # after which a silent TCP client is let go
_BURST = 64  # datagrams answered in one go
_LONGEST = 65535


class FakeDns:
    """Serves a responder until it is stopped."""

    def __init__(self, responder: Responder) -> None:
        self.responder = responder
        self._udp: list[_Datagrams] = []
        self._tcp: list[asyncio.Server] = []
        self._open: set[_Stream] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Address:
        """Listen on UDP and TCP at one port (0: any that is free for both); gives (host, port).  Raises OSError."""
        for attempt in range(_TRIES):
            try:
                return await self._bind(host, port)
            except OSError:
                if port or attempt == _TRIES - 1:
                    raise
        raise AssertionError

    async def stop(self) -> None:
        """Close every socket; answers that are still delayed are never sent."""
        for datagrams in self._udp:
            datagrams.close()
        for server in self._tcp:
            server.close()
        for stream in tuple(self._open):
            stream.abort()
        for server in self._tcp:
            await server.wait_closed()
        self._udp, self._tcp = [], []

    async def serve(self, udp: socket.socket, tcp: socket.socket) -> None:
        """Answer on these two, too, which somebody bound elsewhere: in another network namespace, for one."""
        loop = asyncio.get_running_loop()
        udp.setblocking(False)
        self._tcp.append(await loop.create_server(lambda: _Stream(self.responder, self._open), sock=tcp, backlog=128))
        self._udp.append(_Datagrams(self.responder, udp))

    async def _bind(self, host: str, port: int) -> Address:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp = socket.socket(family, socket.SOCK_STREAM)
        try:
            udp.bind((host, port))
            with contextlib.suppress(OSError):
                udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)  # a burst must not look like silence
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tcp.bind(udp.getsockname()[:2])
            address = cast(Address, udp.getsockname()[:2])
            await self.serve(udp, tcp)
        except OSError:
            udp.close()
            tcp.close()
            raise
        return address


class _Datagrams:
    """The UDP socket, read and written by hand: an answer a few microseconds after its query, several a wake-up."""

    def __init__(self, responder: Responder, udp: socket.socket) -> None:
        self.responder, self.udp = responder, udp
        self.loop = asyncio.get_running_loop()
        self.loop.add_reader(udp.fileno(), self._drain)

    def close(self) -> None:
        """Stop; what is delayed is never sent."""
        self.loop.remove_reader(self.udp.fileno())
        self.udp.close()

    def _drain(self) -> None:
        """Answer what has arrived, but no more than a burst: the other sockets of the loop have their turn."""
        receive, answer, send = self.udp.recvfrom, self.responder.answer, self.udp.sendto
        try:
            for _ in range(_BURST):
                query, client = receive(_LONGEST)
                response = answer(query, "udp", client)
                if response.wire is None:
                    continue
                if response.first is not None:
                    send(response.first, client)
                if response.delay_s:
                    self.loop.call_later(response.delay_s, self._send, response.wire, client)
                else:
                    send(response.wire, client)
        except OSError:
            pass  # nothing more to read, or no room to send: a lost datagram, which the client asks for again

    def _send(self, wire: bytes, client: Address) -> None:
        with contextlib.suppress(OSError):  # closed meanwhile
            self.udp.sendto(wire, client)


class _Stream(asyncio.Protocol):
    """Queries with their length in front (RFC 1035 4.2.2), answered in order of readiness (RFC 7766 6.2.1.1)."""

    def __init__(self, responder: Responder, opened: set[_Stream]) -> None:
        self.responder, self.opened = responder, opened
        self.transport: asyncio.Transport
        self.peer: Address | None = None
        self.buffer = b""
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.peer = transport.get_extra_info("peername")[:2]
        self.opened.add(self)
        self._rearm()

    def connection_lost(self, exc: Exception | None) -> None:
        self.opened.discard(self)
        if self.timer is not None:
            self.timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._rearm()
        self.buffer += data
        while len(self.buffer) >= 2 and len(self.buffer) >= 2 + (length := int.from_bytes(self.buffer[:2], "big")):
            query, self.buffer = self.buffer[2 : 2 + length], self.buffer[2 + length :]
            response = self.responder.answer(query, "tcp", self.peer)
            if response.wire is not None:
                framed = len(response.wire).to_bytes(2, "big") + response.wire
                asyncio.get_running_loop().call_later(response.delay_s, self._send, framed)

    def abort(self) -> None:
        """Close at once."""
        self.transport.abort()

    def _rearm(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_later(_IDLE_S, self.abort)

    def _send(self, framed: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(framed)
