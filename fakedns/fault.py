"""fault - what may go wrong with a question, for which questions, how often, and which of it is going wrong now."""

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


@dataclass(frozen=True, slots=True)
class WrongId:
    """Over UDP the right answer under a wrong id, which answers nothing."""


@dataclass(frozen=True, slots=True)
class Forged:
    """Over UDP this answer comes first, under a wrong id, as somebody would send it who guesses; then the right one."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class NoEdns:
    """A server from before EDNS: FORMERR to a question with OPT, the usual answer without (RFC 6891 7)."""


Action = Rcode | Delay | Silence | Truncate | Answer | WrongId | Forged | NoEdns


@dataclass(frozen=True, slots=True)
class Fault:
    """For which questions what goes wrong.

    `pattern` is a name in which `*` stands for anything, dots included; `rtype` a type or "any";
    `session` the id of the session the fault is for (None: all).  Of the questions for one name and type it is for the
    `times` first ones after `skip`, or each `every`-th: so a server flaps.  A `label` is for turning it on and off.
    """

    pattern: str
    rtype: str
    action: Action
    session: str | None = None
    label: str | None = None
    off: bool = False
    times: int | None = None
    skip: int = 0
    every: int = 1

    def matches(self, name: str, rtype: str, session: str | None = None) -> bool:
        """Whether a question (name in lower case, without the final dot) of this session meets the fault."""
        if self.session is not None and self.session != session:
            return False
        kind = self.rtype.upper()
        return kind in (rtype, "ANY") and _compiled(self.pattern).fullmatch(name) is not None


class Faults:
    """What is going wrong: the first fault that holds decides.  It counts, and it can be changed while it is used."""

    def __init__(self, rules: Iterable[Fault] = ()) -> None:
        self.rules = list(rules)
        self._off = {fault.label for fault in self.rules if fault.off}
        self._met: dict[tuple[Fault, str, str], int] = {}

    @property
    def changing(self) -> bool:
        """Whether the same question may meet something else the next time."""
        return any(fault.label or fault.times or fault.skip or fault.every > 1 for fault in self.rules)

    def match(self, name: str, rtype: str, session: str | None = None) -> Action | None:
        """What becomes of this question (name in lower case, without the final dot); None: nothing goes wrong."""
        for fault in self.rules:
            if fault.matches(name, rtype, session) and (fault.label is None or fault.label not in self._off):
                key = fault, name, rtype
                met = self._met[key] = self._met.get(key, 0) + 1
                late = fault.times is not None and met > fault.skip + fault.times
                if met > fault.skip and not late and (met - fault.skip) % fault.every == 0:
                    return fault.action
        return None

    def would(self, name: str, rtype: str) -> Action | None:
        """What `match` would say to this question in no session; it counts as not asked."""
        before = dict(self._met)
        action = self.match(name, rtype)
        self._met = before
        return action

    def turn(self, label: str, on: bool) -> None:
        """Turn the faults of this label on or off.  Raises KeyError when there is none."""
        if not any(fault.label == label for fault in self.rules):
            raise KeyError(label)
        (self._off.discard if on else self._off.add)(label)

    def begin(self, fault: Fault) -> None:
        """Let this go wrong from now on, before whatever else does."""
        self.rules.insert(0, fault)

    def end(self, pattern: str, rtype: str = "any") -> int:
        """Forget the faults of this very pattern and type; gives how many there were."""
        gone = [fault for fault in self.rules if (fault.pattern, fault.rtype.lower()) == (pattern, rtype.lower())]
        self.rules = [fault for fault in self.rules if fault not in gone]
        return len(gone)


_WORDS: dict[str, Action] = {
    "silence": Silence(), "truncate": Truncate(), "wrong-id": WrongId(), "no-edns": NoEdns(),
}  # fmt: skip
_TIME = re.compile(r"([0-9]+)(ms|s)")


def parse_fault(text: str) -> Fault:
    """`NAME[/TYPE]=WHAT` as people write it by hand: `*.slow.test/MX=1500ms`, `broken.test=servfail`.  ValueError."""
    where, equals, what = text.rpartition("=")
    if not (equals and where):
        raise ValueError(f"fault {text!r}: expects NAME[/TYPE]=WHAT")
    name, _, rtype = where.partition("/")
    if (time := _TIME.fullmatch(what)) is not None:
        action: Action = Delay(int(time[1]) / (1000 if time[2] == "ms" else 1))
    else:
        action = _WORDS.get(what) or Rcode.named(what)
    return Fault(normal_name(name), rtype or "any", action)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in normal_name(pattern).split("*")), re.DOTALL)
