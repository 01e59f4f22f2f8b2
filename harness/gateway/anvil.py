"""anvil - how often each client comes, and how much it wants: connections, mails, recipients in a unit of time.

Counters are kept by address, whatever the session; they live as long as the gateway, reloads included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from harness.clock import Clock

Counted = Literal["connection", "mail", "recipient", "auth", "tls"]

_MOST = 20_000  # clients remembered before those that are gone are forgotten


@dataclass(slots=True)
class _Client:
    since: float
    open: int = 0  # connections at this moment
    rates: dict[Counted, int] = field(default_factory=dict)


class Anvil:
    """Counts events; who makes too much of them is for others to say.  Source: anvil(8), anvil_rate_time_unit."""

    def __init__(self, clock: Clock, unit_s: float) -> None:
        self._clock, self.unit_s = clock, unit_s
        self._clients: dict[str, _Client] = {}

    def connect(self, address: str) -> tuple[int, int]:
        """A connection more: how many this client has now, and how many it made in this unit of time."""
        rate = self.count(address, "connection")
        client = self._clients[address]
        client.open += 1
        return client.open, rate

    def disconnect(self, address: str) -> None:
        """A connection less."""
        client = self._clients.get(address)
        if client is not None and client.open:
            client.open -= 1

    def count(self, address: str, event: Counted) -> int:
        """One event more: how many of its kind this client made in this unit of time."""
        now = self._clock.now()
        client = self._clients.get(address)
        if client is None:
            if len(self._clients) >= _MOST:
                self._forget(now)
            client = self._clients[address] = _Client(now)
        if now > client.since + self.unit_s:  # all rates of a client begin anew together
            client.since, client.rates = now, {}
        client.rates[event] = client.rates.get(event, 0) + 1
        return client.rates[event]

    def forget(self) -> None:
        """Nobody was ever here."""
        self._clients.clear()

    def _forget(self, now: float) -> None:
        self._clients = {
            address: client
            for address, client in self._clients.items()
            if client.open or now <= client.since + self.unit_s
        }
