"""client - one TCP connection to the target, driven by a player; byte exact, and it never hangs. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from harness.observation import Exchange
from harness.replay.identity import Identity
from harness.replay.player import Connect, Done, Drop, Finish, Pause, Player, Read, Write
from harness.replay.script import Script
from harness.replay.step import DnsFault, Pace
from harness.replay.wire import SMALL, Wire, reason
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
    local: Address  # of the first connection
    unintroduced: str = ""  # why the target cannot be told who the client is; a failure, too
    others: tuple[Address, ...] = ()  # of further connections

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
    source: str | None = None,
    taken: set[Address] | None = None,
    dns: Callable[[DnsFault], None] | None = None,
) -> Replayed:
    """Play one script.  A refused, reset or silent connection is a `failure`; nothing is raised.

    `timeout_s` is for one reply, `session_s` for the whole session beyond what the script itself waits: a server that
    drips, or does not read, ends there.  With XCLIENT the greeting that counts is the one after it, and `source` is the
    address to call from.  No address and port in `taken` is used, and the session's own are put there: a target tells
    sessions apart by them, and the kernel gives them out again.  `dns` is told of what the script does to the DNS.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    player = Player(script, timeout_s)
    calls = _Calls(script, smtp, identity, timeout_s, source, set() if taken is None else taken)
    failure = unintroduced = ""
    try:
        async with asyncio.timeout(session_s + script.waits_s) as deadline:
            await calls.begin(player)
            started = calls.wire.started
            await _play(player, calls, dns)
    except _NotIntroduced as error:
        failure = unintroduced = str(error)
    except TimeoutError as error:
        failure = f"the session was not over after {session_s:g} s" if deadline.expired() else reason(error)
    except OSError as error:
        failure = reason(error)
    finally:
        await calls.end()
    local, *others = calls.locals or [("", 0)]
    return Replayed(
        tuple(player.exchanges), b"".join(bytes(wire.received) for wire in calls.wires), player.hung_up,
        failure or calls.failure, tuple(player.failures), (loop.time() - started) * 1000, local, unintroduced,
        tuple(others),
    )  # fmt: skip


class _Calls:
    """The connections of one session, one after the other."""

    def __init__(
        self, script: Script, smtp: Address, identity: Identity, timeout_s: float, source: str | None,
        taken: set[Address],
    ) -> None:  # fmt: skip
        self.script, self.smtp, self.identity, self.timeout_s = script, smtp, identity, timeout_s
        self.source, self.taken = source if identity.via == "xclient" else None, taken
        self.pace = script.pace
        self.wires: list[Wire] = []
        self.locals: list[Address] = []

    @property
    def wire(self) -> Wire:
        """The connection of the moment."""
        return self.wires[-1]

    @property
    def failure(self) -> str:
        """What went wrong with one of them, without our doing."""
        return next((wire.failure for wire in self.wires if wire.failure), "")

    async def begin(self, player: Player) -> None:
        """Connect, and say who is calling.  Raises OSError, TimeoutError, _NotIntroduced."""
        try:
            async with asyncio.timeout(self.timeout_s):
                wire = await _connect(self.smtp, self.source, self.taken, self.pace.slow)
        except (OSError, TimeoutError) as error:
            raise ConnectionError(f"{self.smtp[0]}:{self.smtp[1]}: {reason(error)}") from None
        first = self.wires[0].started if self.wires else None
        self.wires.append(wire)
        self.locals.append(cast(Address, wire.transport.get_extra_info("sockname")[:2]))
        greeting = await _introduce(wire, self.identity, self.smtp, self.locals[-1], self.timeout_s)
        wire.started = asyncio.get_running_loop().time() if first is None else first
        wire.set_pace(self.pace, f"{self.script.seed}/{len(self.wires)}")
        if greeting:
            player.receive(greeting)

    async def end(self) -> None:
        """Let the connection of the moment go."""
        if self.wires:
            await self.wire.close()


async def _connect(smtp: Address, source: str | None, taken: set[Address], small: bool) -> Wire:
    """A connection from an address and port that are not taken, `small` with little room for answers.  OSError."""
    loop = asyncio.get_running_loop()
    if source is None and not _is_loopback(smtp[0]):
        return (await loop.create_connection(Wire, *smtp))[1]  # nothing of ours: the system knows the way
    with contextlib.ExitStack() as held:  # so that a port which is not wanted is not given again
        while (own := _bound(source or smtp[0])).getsockname()[:2] in taken:
            held.callback(own.close)
    taken.add(own.getsockname()[:2])
    try:
        if small:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        await loop.sock_connect(own, smtp)
        return (await loop.create_connection(Wire, sock=own))[1]
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


async def _play(player: Player, calls: _Calls, dns: Callable[[DnsFault], None] | None) -> None:
    while not isinstance(action := player.next_action(), Done):
        wire = calls.wire
        match action:
            case Write(data):
                await wire.write(data)
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
            case Pace():
                calls.pace = action
                wire.set_pace(action)
            case Connect():
                await calls.end()
                await calls.begin(player)
            case DnsFault() if dns is not None:
                dns(action)


async def _introduce(wire: Wire, identity: Identity, target: Address, local: Address, timeout_s: float) -> bytes:
    """Say who the client is; gives what was received and belongs to the session itself (a greeting, or nothing yet).

    Raises _NotIntroduced when the target does not let us, TimeoutError when it is silent.
    """
    if identity.via == "none":
        return b""
    if identity.via in ("proxy", "proxy-v2"):
        await wire.write(identity.proxy(target, local[1]))
        return b""
    connection = ClientConnection()
    greeting = await _reply(wire, connection, timeout_s)
    if greeting.code != 220:
        raise ConnectionRefusedError(f"before XCLIENT the target said {str(greeting)!r}")
    await wire.write(b"EHLO xclient.localdomain\r\n")
    offer = await _reply(wire, connection, timeout_s)
    keywords = ehlo_keywords(offer)
    if offer.code >= 400:  # our own name is refused, which does not touch XCLIENT: the session begins anew with it
        keywords = {"XCLIENT": "NAME ADDR PORT REVERSE_NAME LOGIN"}
    if "XCLIENT" not in keywords:
        raise _NotIntroduced("the target does not offer XCLIENT to this address (smtpd_authorized_xclient_hosts)")
    if unsayable := identity.unsayable(keywords["XCLIENT"]):
        raise _NotIntroduced(f"the target's XCLIENT does not take {', '.join(unsayable)}")
    await wire.write(identity.xclient(keywords["XCLIENT"], local[1]))
    before = len(wire.received)
    answer = await _reply(wire, connection, timeout_s)
    said = bytes(wire.received[before:])
    del wire.received[:before]
    if answer.code in (501, 503, 550, 504):
        raise _NotIntroduced(f"XCLIENT: the target said {str(answer)!r}")
    return said


async def _reply(wire: Wire, connection: ClientConnection, timeout_s: float) -> Reply:
    while (reply := connection.next_reply()) is None:
        data = await wire.read(timeout_s)
        if data is None:
            raise TimeoutError(f"no reply in {timeout_s:g} s")
        if not data:
            raise ConnectionResetError("the target hung up before the session began")
        connection.receive(data)
    return reply
