"""remote - a gateway that runs somewhere already: its replies are seen, and nothing else. (IO)

`remote:HOST:PORT`.  Its configuration, its DNS and its next hop are its own.  Who the client is, it is told by XCLIENT
if it offers that (smtpd_authorized_xclient_hosts), or by PROXY if the user says that it is spoken there
(smtpd_upstream_proxy_protocol = haproxy): `remote:HOST:PORT,proxy`.
"""

from __future__ import annotations

import asyncio
import os
from typing import cast

from harness.errors import TargetError, UsageError, did_you_mean
from harness.target import Address, Running, SessionRecord, TargetRecord, Via, World, parse_address, targets

_CONNECT_S = 5.0
_WAYS = ("proxy", "proxy-v2")


@targets.register("remote")
class RemoteTarget:
    """Nothing is sent anywhere unless a user wrote where: there is no other way to name a place."""

    takes, ours = "HOST:PORT[,proxy|,proxy-v2]", False

    def __init__(self, place: str = "") -> None:
        """Raises UsageError."""
        address, comma, way = place.partition(",")
        if comma and way not in _WAYS:
            raise UsageError(f"target remote: no way {way!r} to say who the client is{did_you_mean(way, _WAYS)}")
        self.name = f"remote:{place}"
        self.smtp = parse_address(address)
        self.via = cast(Via, way or "xclient")

    def missing(self) -> str:
        """Nothing of ours."""
        return ""

    async def start(self, world: World) -> Running:
        """See that somebody listens there.  Raises TargetError."""
        shown = ":".join(map(str, self.smtp))
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, writer = await asyncio.open_connection(*self.smtp)
        except TimeoutError:
            raise TargetError(f"{shown}: no connection in {_CONNECT_S:g} s") from None
        except OSError as error:
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or error
            raise TargetError(f"{shown}: {why}") from None
        writer.close()
        return _Running(self.smtp, self.via)


class _Running:
    """Somebody else's gateway: nothing is waited for, nothing is known, nothing is stopped."""

    source: str | None = None

    def __init__(self, smtp: Address, via: Via) -> None:
        self.smtp = smtp
        self.via: Via | None = via

    async def settle(self, timeout_s: float) -> None:
        """What it does with a mail it does when it likes."""

    async def try_again(self) -> None:
        """Its queue and its clock are its own."""

    def session(self, client: Address) -> SessionRecord:
        """Nothing but what the client saw."""
        return SessionRecord()

    def record(self) -> TargetRecord:
        """Nothing."""
        return TargetRecord()

    async def stop(self) -> None:
        """It was there before."""
