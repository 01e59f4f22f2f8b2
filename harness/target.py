"""target - contract: a mail gateway that can be started under a configuration, used, and observed.

Members live in targets/: `reference` (embedded, same event loop), `postfix` (a private real one), `remote` (any host).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Protocol, runtime_checkable

from harness.clock import Clock
from harness.errors import UsageError
from harness.observation import AskedRule, Delivery, DnsQuery, LogLine, Notification, Quarantined
from harness.registry import Registry

Address = tuple[str, int]
Via = Literal["xclient", "proxy", "proxy-v2"]


class Ends(Protocol):
    """DNS and next hop themselves, for a target that lives in another network and cannot reach them by address."""

    async def serve_dns(self, udp: socket.socket, tcp: socket.socket) -> None:
        """Answer on these sockets, too."""
        ...

    async def serve_next_hop(self, listening: socket.socket) -> None:
        """Accept mail on this socket, too."""
        ...

    def deliveries(self) -> Sequence[Delivery]:
        """What has arrived so far."""
        ...


@dataclass(frozen=True)
class World:
    """What surrounds the target: its configuration, DNS and next hop, and a private directory to work in."""

    config: Path
    set: Mapping[str, str]  # main.cf parameters on top, in Postfix's own names and syntax
    rav: Mapping[str, str]  # the same for the content engine
    dns: Address
    next_hop: Address
    workdir: Path
    clock: Clock
    options: Mapping[str, str] = field(default_factory=dict)
    ends: Ends | None = None
    serve_policy: Callable[[Path], None] | None = None  # have the scenario's policy server listen at this path, too
    haste: float = 1.0  # a target that can is so many times as impatient with a silent network


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What the target itself can tell about one connection, found by the client's own port."""

    queue_ids: tuple[str, ...] = ()
    trace: tuple[AskedRule, ...] | None = None
    log: tuple[LogLine, ...] | None = None
    dns_queries: tuple[DnsQuery, ...] | None = None


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """What the target itself can tell at the end of a run."""

    log: tuple[LogLine, ...] | None = None
    notifications: tuple[Notification, ...] | None = None
    quarantine: tuple[Quarantined, ...] | None = None
    accounts: tuple[tuple[str, str], ...] | None = None
    warnings: tuple[str, ...] = ()


class Running(Protocol):
    """A started target."""

    smtp: Address
    source: str | None  # the address from which somebody may say who the client is; None: any that we have
    via: Via | None  # the only way in which it can be told; None: as each session has it

    async def settle(self, timeout_s: float) -> None:
        """Wait until nothing accepted is still on its way (delivered, bounced, quarantined, or parked for a retry).

        Raises TargetError when the target has died.
        """
        ...

    async def try_again(self) -> None:
        """Try what waits in the queue and is due by the world's clock; where that cannot be turned, all of it."""
        ...

    def session(self, client: Address) -> SessionRecord:
        """What is known of the connection that came from this local address and port."""
        ...

    def record(self) -> TargetRecord:
        """What is known of the run as a whole."""
        ...

    async def stop(self) -> None:
        """End it, leaving no process, socket or file behind.  Raises TargetError when it did not end in peace."""
        ...


@runtime_checkable
class OwnProcess(Protocol):
    """A started target in processes of its own: all of them are this one and those below it."""

    pid: int


class Target(Protocol):
    """A kind of gateway.  On the command line it is NAME, or NAME:PLACE where it `takes` a place."""

    name: str  # as reports have it
    takes: ClassVar[str]  # how the place is written ("HOST:PORT"); "": none is
    ours: ClassVar[bool]
    """Started here, under the scenario's own configuration, DNS and next hop.  Of a gateway that is not, only replies
    are seen: what arrives, what it asks and keeps stay None; a session whose client it cannot be told is not judged.
    """

    def __init__(self, place: str = "") -> None:
        """`place` is given only where one is taken.  Raises UsageError."""

    def missing(self) -> str:
        """Why this target cannot run here ("" if it can): the reason of the skip."""
        ...

    async def start(self, world: World) -> Running:
        """Start it, ready to greet.  Raises ConfigError (it refuses its configuration), TargetError or OSError."""
        ...


def parse_address(text: str) -> Address:
    """`127.0.0.1:2525` or `[::1]:2525`.  Raises UsageError."""
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise UsageError(f"{text!r} is no address; it is written HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


TRUSTED = {"smtpd_authorized_xclient_hosts": "127.0.0.0/8"}
"""What every target is told beside its configuration: we may say who is calling."""

targets: Registry[type[Target]] = Registry("target", "harness.targets")
