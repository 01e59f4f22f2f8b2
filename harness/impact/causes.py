"""causes - changes counted, and grouped by the pair of lines behind them; the tallies of shards add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.impact.diff import GOOD, HARMS, Change, Harm
from harness.impact.fate import Cause

EXAMPLES = 3
MOST_KEPT = 2000  # different senders, recipients or domains of one group that are counted by name
MOST_FAILURES = 20


@dataclass
class Example:
    """One session of a group, as a report shows it."""

    id: str
    origin: str
    label: str
    client: str
    sender: str
    recipients: tuple[str, ...]
    transition: str
    old: str  # what was said
    new: str


@dataclass
class Group:
    """The changes that one pair of lines makes, of one kind of harm."""

    harm: Harm
    old: Cause
    new: Cause
    count: int = 0
    transitions: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    senders: Counter[str] = field(default_factory=Counter)
    recipients: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)  # of senders
    examples: list[Example] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, int]:
        """The worst first: by harm, then by how many."""
        return HARMS.index(self.harm), -self.count


@dataclass
class Tally:
    """What a part of a corpus came to.  decided + failed = sessions, always."""

    sessions: int = 0
    decided: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)  # (which session, why), the first few
    labels: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)  # (old, new) of every decided session
    transitions: Counter[tuple[str, Harm]] = field(default_factory=Counter)  # of changes, agreed ones left out
    groups: dict[tuple[Harm, Cause, Cause], Group] = field(default_factory=dict)
    noise: Counter[tuple[str, str]] = field(default_factory=Counter)  # (field, old cause)
    agreed: Counter[int] = field(default_factory=Counter)  # by number of the agreement
    seconds: float = 0.0  # of computing, over all processes

    @property
    def changed(self) -> int:
        """Sessions with a change that nobody agreed to."""
        return sum(self.transitions.values())

    def fail(self, which: str, why: str) -> None:
        """One session that could not be decided."""
        self.sessions += 1
        self.failed += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append((which, why))

    def add(self, change: Change) -> None:
        """One change that counts."""
        harm = change.harms[0]
        self.transitions[change.transition, harm] += 1
        for one in change.harms:
            self._group(one, change)

    def merge(self, other: Tally) -> None:
        """Take in the tally of another part."""
        self.sessions += other.sessions
        self.decided += other.decided
        self.failed += other.failed
        self.failures = [*self.failures, *other.failures][:MOST_FAILURES]
        self.seconds += other.seconds
        for name in ("labels", "verdicts", "transitions", "noise", "agreed"):
            getattr(self, name).update(getattr(other, name))
        for key, group in other.groups.items():
            own = self.groups.setdefault(key, Group(*key))
            own.count += group.count
            own.transitions.update(group.transitions)
            own.labels.update(group.labels)
            own.examples = [*own.examples, *group.examples][:EXAMPLES]
            for name in ("senders", "recipients", "domains"):
                _count(getattr(own, name), getattr(group, name).items())

    def ranked(self) -> list[Group]:
        """The groups, the worst first."""
        return sorted(self.groups.values(), key=lambda group: (*group.rank, str(group.old), str(group.new)))

    def harmful(self, harm: str) -> int:
        """How many sessions suffer this harm."""
        return sum(group.count for (kind, _, _), group in self.groups.items() if kind == harm)

    def check(self) -> None:
        """The totals add up, or something is wrong with us."""
        assert self.sessions == self.decided + self.failed, (self.sessions, self.decided, self.failed)
        assert sum(self.verdicts.values()) == self.decided

    def _group(self, harm: Harm, change: Change) -> None:
        key = (harm, *change.cause)
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = Group(*key)
        sample = change.sample
        group.count += 1
        group.transitions[change.transition] += 1
        group.labels[sample.label] += 1
        _count(group.senders, [(sample.sender or "<>", 1)])
        _count(group.recipients, [(one, 1) for one in change.lost or sample.recipients])
        _count(group.domains, [(sample.sender.rpartition("@")[2] or "<>", 1)])
        if len(group.examples) < EXAMPLES:
            name = sample.name if sample.name and sample.name[0] != "[" else "unknown"
            client = f"{name}[{sample.client}]" if sample.name else sample.client
            group.examples.append(
                Example(
                    sample.id, sample.origin, sample.label, client, sample.sender, sample.recipients,
                    change.transition, change.old.text, change.new.text,
                )
            )  # fmt: skip


def _count(counter: Counter[str], items: Iterable[tuple[str, int]]) -> None:
    """Count by name, and everything beyond so many names together."""
    for name, number in items:
        if name not in counter and len(counter) >= MOST_KEPT:
            name = OTHERS
        counter[name] += number


OTHERS = "(others)"


def to_plain(tally: Tally) -> dict[str, Any]:
    """The tally as JSON can hold it."""
    groups = [
        {
            "harm": group.harm, "old": _plain_cause(group.old), "new": _plain_cause(group.new), "count": group.count,
            "good": group.harm in GOOD,
            **{name: dict(getattr(group, name)) for name in _COUNTERS},
            "examples": [vars(example) for example in group.examples],
        }
        for group in tally.ranked()
    ]  # fmt: skip
    return {
        "sessions": tally.sessions, "decided": tally.decided, "failed": tally.failed, "failures": tally.failures,
        "labels": dict(tally.labels), "verdicts": [[*key, n] for key, n in tally.verdicts.items()],
        "transitions": [[*key, n] for key, n in tally.transitions.items()], "groups": groups,
        "noise": [[*key, n] for key, n in tally.noise.items()], "agreed": [[*key] for key in tally.agreed.items()],
        "seconds": tally.seconds,
    }  # fmt: skip


def from_plain(plain: dict[str, Any]) -> Tally:
    """The tally that `to_plain` wrote.  Raises KeyError, TypeError or ValueError for anything else."""
    tally = Tally(plain["sessions"], plain["decided"], plain["failed"], [tuple(f) for f in plain["failures"]])
    tally.labels.update(plain["labels"])
    tally.verdicts.update({(old, new): n for old, new, n in plain["verdicts"]})
    tally.transitions.update({(transition, harm): n for transition, harm, n in plain["transitions"]})
    tally.noise.update({(name, cause): n for name, cause, n in plain["noise"]})
    tally.agreed.update(dict(plain["agreed"]))
    tally.seconds = plain["seconds"]
    for written in plain["groups"]:
        group = Group(written["harm"], Cause(**written["old"]), Cause(**written["new"]), written["count"])
        for name in _COUNTERS:
            getattr(group, name).update(written[name])
        group.examples = [Example(**{**one, "recipients": tuple(one["recipients"])}) for one in written["examples"]]
        tally.groups[group.harm, group.old, group.new] = group
    return tally


_COUNTERS = ("transitions", "labels", "senders", "recipients", "domains")


def _plain_cause(cause: Cause) -> dict[str, Any]:
    return {name: getattr(cause, name) for name in ("file", "line", "text", "place", "element")}
