"""querylog - what was asked, by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Address = tuple[str, int]
Transport = Literal["udp", "tcp"]
UNDECLARED = "undeclared"


class Asked(NamedTuple):
    """One question.

    `outcome` is NOERROR, NODATA, NXDOMAIN, SERVFAIL, REFUSED, FORMERR, NOTIMP (what the answer said), `truncated`
    (TC=1), `silence` (none was sent), `wrong id`, or `undeclared`: outside the declared world.
    """

    name: str  # lower case, no final dot
    type: str
    outcome: str
    client: Address | None = None
    transport: Transport = "udp"
    session: str | None = None


@dataclass(slots=True)
class QueryLog:
    """Every question in the order of arrival, tagged with the session that runs (alone) at the time."""

    session: str | None = None
    entries: list[Asked] = field(default_factory=list)
    keep: int | None = None  # None: everything; else about so many of the newest
    told: Callable[[Asked], None] | None = None  # called with each entry

    def add(self, asked: Asked) -> None:
        """Note a question."""
        self.entries.append(asked)
        if self.told is not None:
            self.told(asked)
        if self.keep is not None and len(self.entries) > 2 * self.keep:
            del self.entries[: -self.keep or None]

    def undeclared(self) -> list[Asked]:
        """The questions that no zone, blocklist or fault of the declared world answers for."""
        return [asked for asked in self.entries if asked.outcome == UNDECLARED]

    def clear(self) -> None:
        """Forget what was asked so far."""
        self.entries.clear()
