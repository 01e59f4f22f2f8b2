"""next_hops - connections to next hops: a new one for each mail, or kept for the next mail while many come. (IO)

As smtp(8) does with smtp_connection_cache_on_demand: once a delivery begins within a second after the last one to the
same next hop has ended, connections are kept, two seconds at most, and asked with RSET whether they are still there.
Source: qmgr_deliver.c, qmgr_entry.c, smtp_reuse.c, CONNECTION_CACHE_README.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from harness.gateway.settings import Settings
from harness.gateway.smtp_client import Envelope, Manners, Sent, transact
from harness.gateway.smtp_connection import Address, Lost, SmtpConnection

_BACK_TO_BACK_S = 1.0


@dataclass(frozen=True, slots=True)
class Keeping:
    """smtp_connection_cache_on_demand and its limits, in s; 0 uses are any number."""

    on_demand: bool
    idle_s: float
    life_s: float
    uses: int
    rset_s: float | None


def keeping(settings: Settings) -> Keeping:
    """As main.cf has them."""
    return Keeping(
        settings.flag("smtp_connection_cache_on_demand"),
        settings.seconds("smtp_connection_cache_time_limit"),
        settings.seconds("smtp_connection_reuse_time_limit"),
        settings.number("smtp_connection_reuse_count_limit"),
        settings.patience("smtp_rset_timeout") or None,
    )


@dataclass(slots=True)
class _NextHop:
    """Mail to one place: how much of it is under way, when the last one ended, and connections that nobody uses."""

    shown: str
    busy: int = 0
    ended_at: float = float("-inf")
    keeps: bool = False
    idle: list[tuple[float, SmtpConnection]] = field(default_factory=list)  # and since when; the oldest first


class NextHops:
    """Delivers mails; `stop` hangs up on everybody who waits."""

    def __init__(self, hello: str, how: Manners, keep: Keeping | None) -> None:
        self._hello, self._how, self._keep = hello, how, keep if keep is not None and keep.on_demand else None
        self._places: dict[str, _NextHop] = {}
        self._timer: asyncio.TimerHandle | None = None

    def kept(self, nexthop: str) -> str:
        """How log lines name a next hop to which there is a connection; "" where there is none.

        Nobody needs to ask DNS for it then (smtp_reuse_nexthop).
        """
        place = self._places.get(nexthop)
        return place.shown if place is not None and any(connection.silent for _, connection in place.idle) else ""

    async def send(self, nexthop: str, address: Address, shown: str, envelope: Envelope, data: bytes) -> Sent:
        """Deliver one mail (LF line ends); `shown` is the next hop as log lines name it.  Raises Unreachable."""
        if self._keep is None:
            connection = await SmtpConnection.connect(address, shown, self._how.connect_s)
            return await transact(connection, self._hello, envelope, data, self._how)
        loop = asyncio.get_running_loop()
        place = self._places.setdefault(nexthop, _NextHop(shown))
        place.shown = shown
        back_to_back = place.ended_at + _BACK_TO_BACK_S >= loop.time()
        place.keeps = back_to_back or (place.keeps and place.busy > 0)
        place.busy += 1
        try:
            connection = await self._idle(place) or await SmtpConnection.connect(address, shown, self._how.connect_s)
            keep = place.keeps and self._may_go_on(connection, loop.time(), self._keep)
            sent = await transact(connection, self._hello, envelope, data, self._how, keep=keep)
        finally:
            place.busy -= 1
            place.ended_at = loop.time()
        if keep and connection.silent:
            place.idle.append((loop.time(), connection))
            if self._timer is None:
                self._timer = loop.call_later(self._keep.idle_s, self._expire, loop, self._keep)
        return sent

    def stop(self) -> None:
        """No connection is kept any longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for place in self._places.values():
            while place.idle:
                place.idle.pop()[1].close()

    async def _idle(self, place: _NextHop) -> SmtpConnection | None:
        """One that is kept, and that still answers."""
        assert self._keep is not None
        while place.idle:
            connection = place.idle.pop()[1]
            if connection.silent:
                try:
                    if (await connection.ask("RSET", "sending RSET", self._keep.rset_s)).code < 400:
                        return connection
                except Lost:
                    pass
            connection.abort()
        return None

    def _may_go_on(self, connection: SmtpConnection, now: float, keep: Keeping) -> bool:
        used_up = 0 < keep.uses <= connection.uses + 1
        return not used_up and now < connection.begun_at + keep.life_s

    def _expire(self, loop: asyncio.AbstractEventLoop, keep: Keeping) -> None:
        """One timer serves all of them."""
        now, self._timer = loop.time(), None
        oldest = now
        for key, place in tuple(self._places.items()):
            while place.idle and (place.idle[0][0] + keep.idle_s <= now or place.idle[0][1].gone):
                place.idle.pop(0)[1].close()
            if place.idle:
                oldest = min(oldest, place.idle[0][0])
            elif not place.busy and place.ended_at + _BACK_TO_BACK_S < now:
                del self._places[key]
        if any(place.idle for place in self._places.values()):
            self._timer = loop.call_later(max(0.1, oldest + keep.idle_s - now), self._expire, loop, keep)
