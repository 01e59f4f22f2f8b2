"""dns - what the gateway may ask of DNS, and the only three answers there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Record:
    """One record: `data` is an address, a host name without its final dot, the first string of a TXT."""

    name: str
    type: str
    data: str
    ttl: int = 0
    preference: int = 0  # of an MX


@dataclass(frozen=True, slots=True)
class Found:
    """At least one record of the type asked for, in zone order, CNAMEs followed."""

    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """No such record: NXDOMAIN (the name does not exist) or NODATA (it does, but not with this type)."""

    nxdomain: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """DNS could not say: SERVFAIL, REFUSED, silence, garbage.  `reason` is for the log."""

    reason: str


Answer = Found | Missing | Failed


class Resolver(Protocol):
    """Anything that can be asked for records: a stub over UDP, a zone in memory, a cache over either."""

    async def lookup(self, name: str, rtype: str) -> Answer:
        """Records of one type ("A", "MX", "TXT", ...) at a name.  Never raises."""
        ...
