"""client - one TCP connection to the target, driven by a player; byte exact, and it never hangs. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import struct
from dataclasses import dataclass
from typing import cast

from harness.observation import Exchange
from harness.replay.identity import Identity
from harness.replay.player import Done, Drop, Finish, Pause, Player, Read, Write
from harness.replay.script import Script
from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.reply import Reply

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a script: exchanges, every byte received, and what went wrong."""

    exchanges: tuple[Exchange, ...]
    received: bytes
    closed: bool  # by the server, before we were done
    failure: str  # "" or why the target could not be talked to
    step_failures: tuple[str, ...]
    duration_ms: float
    local: Address
    unintroduced: str = ""  # why the target cannot be told who the client is; a failure, too

    @classmethod
    def nothing(cls) -> Replayed:
        """Of a session that was not played."""
        return cls((), b"", False, "", (), 0.0, ("", 0))


class _NotIntroduced(Exception):
    """The target will not hear who the client is; the last reply says why."""


async def replay(
    script: Script,
    smtp: Address,
    identity: Identity,
    *,
    timeout_s: float = 10.0,
    session_s: float = 60.0,
    segment: int | None = None,
    source: str | None = None,
    taken: set[Address] | None = None,
) -> Replayed:
    """Play one script.  A refused, reset or silent connection is a `failure`; nothing is raised.

    `timeout_s` is for one reply, `session_s` for the whole session beyond what the script itself waits: a server that
    drips, or does not read, ends there.  `segment`: at most so many bytes in one write.  With XCLIENT the greeting that
    counts is the one after it, and `source` is the address to call from.  No address and port in `taken` is used, and
    the session's own are put there: a target tells sessions apart by them, and the kernel gives them out again.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        async with asyncio.timeout(timeout_s):
            here = source if identity.via == "xclient" else None
            transport, wire = await _connect(smtp, here, set() if taken is None else taken)
    except (OSError, TimeoutError) as error:
        why = f"{smtp[0]}:{smtp[1]}: {_reason(error)}"
        return Replayed((), b"", False, why, (), (loop.time() - started) * 1000, ("", 0))
    local = cast(Address, transport.get_extra_info("sockname")[:2])
    player = Player(script, timeout_s)
    failure = unintroduced = ""
    try:
        async with asyncio.timeout(session_s + script.waits_s) as deadline:
            greeting = await _introduce(wire, identity, smtp, local, timeout_s)
            wire.started = started = loop.time()
            if greeting:
                player.receive(greeting)
            await _play(player, wire, segment)
    except _NotIntroduced as error:
        failure = unintroduced = str(error)
    except TimeoutError as error:
        failure = f"the session was not over after {session_s:g} s" if deadline.expired() else _reason(error)
    except OSError as error:
        failure = _reason(error)
    finally:
        await wire.close()
    return Replayed(
        tuple(player.exchanges), bytes(wire.received), player.hung_up, failure or wire.failure,
        tuple(player.failures), (loop.time() - started) * 1000, local, unintroduced,
    )  # fmt: skip


async def _connect(smtp: Address, source: str | None, taken: set[Address]) -> tuple[asyncio.BaseTransport, _Wire]:
    """A connection from an address and port that are not taken.  Raises OSError."""
    loop = asyncio.get_running_loop()
    if source is None and not _is_loopback(smtp[0]):
        return await loop.create_connection(_Wire, *smtp)  # nothing of ours: the system knows the way
    with contextlib.ExitStack() as held:  # so that a port which is not wanted is not given again
        while (own := _bound(source or smtp[0])).getsockname()[:2] in taken:
            held.callback(own.close)
    taken.add(own.getsockname()[:2])
    try:
        await loop.sock_connect(own, smtp)
        return await loop.create_connection(_Wire, sock=own)
    except BaseException:
        own.close()
        raise


def _bound(host: str) -> socket.socket:
    own = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    own.setblocking(False)
    try:
        own.bind((host, 0))
    except OSError:
        own.close()
        raise
    return own


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _play(player: Player, wire: _Wire, segment: int | None) -> None:
    while not isinstance(action := player.next_action(), Done):
        match action:
            case Write(data):
                await wire.write(data, segment)
            case Read(seconds):
                came = await wire.read(seconds)
                if came is None:
                    player.timed_out()
                elif came:
                    player.receive(came, wire.at_ms)
                else:
                    player.closed()
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Drop():
                wire.reset()
            case Finish():
                wire.finish()


async def _introduce(wire: _Wire, identity: Identity, target: Address, local: Address, timeout_s: float) -> bytes:
    """Say who the client is; gives what was received and belongs to the session itself (a greeting, or nothing yet).

    Raises _NotIntroduced when the target does not let us, TimeoutError when it is silent.
    """
    if identity.via == "none":
        return b""
    if identity.via in ("proxy", "proxy-v2"):
        await wire.write(identity.proxy(target, local[1]), None)
        return b""
    connection = ClientConnection()
    greeting = await _reply(wire, connection, timeout_s)
    if greeting.code != 220:
        raise ConnectionRefusedError(f"before XCLIENT the target said {str(greeting)!r}")
    await wire.write(b"EHLO xclient.localdomain\r\n", None)
    keywords = ehlo_keywords(await _reply(wire, connection, timeout_s))
    if "XCLIENT" not in keywords:
        raise _NotIntroduced("the target does not offer XCLIENT to this address (smtpd_authorized_xclient_hosts)")
    if unsayable := identity.unsayable(keywords["XCLIENT"]):
        raise _NotIntroduced(f"the target's XCLIENT does not take {', '.join(unsayable)}")
    await wire.write(identity.xclient(keywords["XCLIENT"], local[1]), None)
    before = len(wire.received)
    answer = await _reply(wire, connection, timeout_s)
    said = bytes(wire.received[before:])
    del wire.received[:before]
    if answer.code in (501, 503, 550, 504):
        raise _NotIntroduced(f"XCLIENT: the target said {str(answer)!r}")
    return said


async def _reply(wire: _Wire, connection: ClientConnection, timeout_s: float) -> Reply:
    while (reply := connection.next_reply()) is None:
        data = await wire.read(timeout_s)
        if data is None:
            raise TimeoutError(f"no reply in {timeout_s:g} s")
        if not data:
            raise ConnectionResetError("the target hung up before the session began")
        connection.receive(data)
    return reply


class _Wire(asyncio.Protocol):
    """Bytes in and out, with the time at which they came."""

    def __init__(self) -> None:
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
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        if exc is not None:
            self.failure = _reason(exc)
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

    async def write(self, data: bytes, segment: int | None) -> None:
        """Send; with `segment`, in pieces that the kernel does not put together again."""
        step = segment or len(data) or 1
        for at in range(0, len(data), step):
            if self.transport.is_closing():
                return
            self.transport.write(data[at : at + step])
            if self._writable is not None:
                await self._writable
            elif segment:
                await asyncio.sleep(0)

    async def read(self, seconds: float) -> bytes | None:
        """What came since the last time; b"" at the end; None when nothing came in so many seconds."""
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


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return error.strerror or str(error)
    return str(error) or type(error).__name__
