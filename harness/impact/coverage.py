"""coverage - which lines of the rules a corpus asks, matches and decides by, and which it never can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from harness.corpus.sample import Sample
from harness.gateway.session import Asked, Quiet
from harness.impact.decide import Decider
from harness.impact.inventory import Inventory, Key, Line, inventory_of, key_of
from harness.impact.source import Shard, sources

_MOST_TRACES = 50_000  # different ones that are kept before they are counted out


@dataclass
class Coverage:
    """The lines of one rule set, and what a corpus made of them."""

    lines: dict[Key, Line] = field(default_factory=dict)
    sessions: int = 0
    failed: int = 0

    @property
    def covered(self) -> int:
        """How many lines matched something."""
        return sum(line.covered for line in self.lines.values())

    @property
    def percent(self) -> float:
        """Of all lines; 100 where there is none."""
        return 100 * self.covered / len(self.lines) if self.lines else 100.0


def coverage_of(directory: Path, shards: Iterable[Shard]) -> Coverage:
    """Decide every session of these shards and count.  Raises ConfigError, HarnessError."""
    total, counter, world = Coverage(), None, None
    for shard in shards:
        lived_in = (shard.source, shard.path, shard.start if shard.source == "scenarios" else 0, shard.zones)
        if counter is None or lived_in != world:  # the shards of one corpus share a world
            if counter is not None:
                counter.count_out()
            world, counter = lived_in, Counting(total, Decider(directory, sources[shard.source]().world(shard)))
        for sample in sources[shard.source]().samples(shard):
            counter.decide(sample if isinstance(sample, Sample) else None)
    if counter is not None:
        counter.count_out()
        _not_reached(total, counter.inventory)
    return total


class Counting:
    """One rule set in one world, and the traces of the sessions it decided.

    Sessions are many and ways through the rules few: traces are counted whole, and taken apart at the end.
    """

    def __init__(self, total: Coverage, decider: Decider) -> None:
        self.total, self.decider = total, decider
        self.inventory = inventory_of(decider)
        for key, line in self.inventory.lines.items():
            total.lines.setdefault(key, line)
        self._traces: Counter[tuple[object, ...]] = Counter()
        self._first: dict[tuple[object, ...], tuple[tuple[Asked, ...], bool]] = {}

    def decide(self, sample: Sample | None) -> None:
        """Decide one session, None for one that is broken, and count it."""
        self.total.sessions += 1
        if sample is None or (fate := self.decider.decide(sample)).failure:
            self.total.failed += 1
        else:
            self.count(self.decider.trace, fate.phase == "end_of_data")

    def count(self, trace: Sequence[Asked], content: bool) -> None:
        """Count one session's trace; `content`: the checks saw a content."""
        way = (content, *[
            id(one) if type(one) is Quiet else (one.rule, one.element, one.said == "DUNNO", one.decided)
            for one in trace
        ])  # fmt: skip
        self._traces[way] += 1
        if way not in self._first:
            self._first[way] = tuple(trace), content
            if len(self._first) >= _MOST_TRACES:
                self.count_out()

    def count_out(self) -> None:
        """Enter into the lines what was counted so far."""
        lines = self.total.lines
        for way, times in self._traces.items():
            trace, content = self._first[way]
            asked, matched, decided = self._of(trace, content)
            for key, why in _unable(trace):
                matched.discard(key)
                if key in lines:
                    lines[key].shadowed = why
            for key in asked & lines.keys():
                lines[key].asked += times
            for key in matched & lines.keys():
                lines[key].matched += times
            for key in decided & lines.keys():
                lines[key].decided += times
        self._traces.clear()
        self._first.clear()

    def _of(self, trace: Sequence[Asked], content: bool) -> tuple[set[Key], set[Key], set[Key]]:
        """The lines that such a session asks, that match in it, that decide it; each at most once."""
        asked = set(self.inventory.checks if content else ())
        matched: set[Key] = set()
        decided: set[Key] = set()
        for one in trace:
            key = key_of(one.rule)
            asked.add(key)
            if one.said != "DUNNO":
                matched.add(key)
            if one.decided:
                decided.add(key)
            for word in one.element.split():
                asked.update(self.inventory.tables.get(word, ()))
        return asked, matched, decided


def _unable(trace: Sequence[Asked]) -> Iterator[tuple[Key, str]]:
    """Elements whose table could not say anything (no such file, say), with the reason: 451, but nothing matched."""
    for element, entry in pairwise(trace):
        if not entry.rule.line and entry.said == element.said and "Server configuration error" in entry.said:
            yield key_of(element.rule), entry.rule.text


def _not_reached(total: Coverage, inventory: Inventory) -> None:
    """Elements that no session of this corpus came to, because an earlier one always spoke."""
    for name, elements in inventory.lists.items():
        lines = [line for e in elements if (line := total.lines.get(key_of(e.rule))) is not None]
        walked = max((line.asked for line in lines), default=0)
        for line in lines:
            if walked and not line.asked and not line.never:
                line.shadowed = f"of {walked} sessions that began {name} none came so far"
