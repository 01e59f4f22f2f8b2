"""fault - what may go wrong with a question: an error code, silence, delay, truncation, or another answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from fakedns.record import Record, make_record
from fakedns.wire import RCODES, normal_name


@dataclass(frozen=True, slots=True)
class Rcode:
    """Answer with this error code and no records (a NXDOMAIN keeps the SOA of its zone)."""

    number: int

    def __post_init__(self) -> None:
        if not 0 <= self.number <= 15:
            raise ValueError(f"an RCODE is 0 to 15, not {self.number}")

    @classmethod
    def named(cls, name: str) -> Rcode:
        """The code of this name: `servfail`, `refused`, `nxdomain`, `formerr`, `notimp`.  Raises ValueError."""
        for number, known in RCODES.items():
            if known == name.upper() and number < 16:
                return cls(number)
        raise ValueError(f"unknown rcode {name!r}")


@dataclass(frozen=True, slots=True)
class Delay:
    """Answer as usual, but so many seconds late."""

    seconds: float

    def __post_init__(self) -> None:
        if not 0 <= self.seconds < 3600:
            raise ValueError(f"a delay is from 0 s to an hour, not {self.seconds} s")


@dataclass(frozen=True, slots=True)
class Silence:
    """Never answer."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """Over UDP nothing but TC=1; the whole answer over TCP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with these (type, data) pairs instead; a type that is not among them gets NODATA."""

    records: tuple[tuple[str, str], ...]
    ttl: int = 60

    def __post_init__(self) -> None:
        for rtype, data in self.records:
            make_record("", rtype, data, self.ttl)  # raises ValueError now rather than while serving

    def at(self, name: str, rtype: str) -> tuple[Record, ...]:
        """The records of one type (or "ANY") as if they stood at this name."""
        return tuple(
            make_record(name, kind, data, self.ttl) for kind, data in self.records if rtype in (kind.upper(), "ANY")
        )


Action = Rcode | Delay | Silence | Truncate | Answer


@dataclass(frozen=True, slots=True)
class Fault:
    """For which questions what goes wrong.

    `pattern` is a name in which `*` stands for anything, dots included; `rtype` a type or "any";
    `session` the id of the session the fault is for (None: all).
    """

    pattern: str
    rtype: str
    action: Action
    session: str | None = None

    def matches(self, name: str, rtype: str, session: str | None = None) -> bool:
        """Whether a question (name in lower case, without the final dot) of this session meets the fault."""
        if self.session is not None and self.session != session:
            return False
        kind = self.rtype.upper()
        return kind in (rtype, "ANY") and _compiled(self.pattern).fullmatch(name) is not None


def first_match(faults: Iterable[Fault], name: str, rtype: str, session: str | None) -> Action | None:
    """What the first matching fault does; None when there is none."""
    for fault in faults:
        if fault.matches(name, rtype, session):
            return fault.action
    return None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in normal_name(pattern).split("*")), re.DOTALL)
