"""judge_shard - one shard of a corpus under both rule sets -> its tally and, if wanted, a row for every session."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.corpus.sample import Broken, Sample
from harness.errors import HarnessError
from harness.impact.agreement import Agreement
from harness.impact.causes import Tally
from harness.impact.decide import Decider
from harness.impact.diff import Change, compare
from harness.impact.fate import Fate, differences
from harness.impact.source import Shard, sources

Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """What is asked of every shard: two directories, how often OLD is asked again for noise, what was agreed to."""

    old: str
    new: str
    again: int = 2
    agreements: tuple[Agreement, ...] = ()
    rows: bool = False
    target: str = "direct"


def judge_shard(job: Job, shard: Shard) -> tuple[Tally, list[Row]]:
    """Decide every session of it twice.  What is wrong with one session is counted and named, and the rest goes on.

    Raises ConfigError when a rule set does not load.
    """
    started = time.process_time()
    tally, rows = Tally(), list[Row]()
    for sample, old, new, noise in _decided(job, shard) if job.target == "direct" else _replayed(job, shard):
        if isinstance(sample, Broken):
            _fail(tally, rows, job, f"{shard.path}: {sample.id}", sample.why)
        elif failure := old.failure or new.failure:
            _fail(tally, rows, job, f"{sample.origin}/{sample.id}", failure)
        else:
            _settle(tally, rows, job, sample, old, new, noise)
    tally.seconds = time.process_time() - started
    tally.check()
    return tally, rows


Decided = tuple[Sample | Broken, Fate, Fate, tuple[str, ...]]
_NONE = Fate("failed")


def _decided(job: Job, shard: Shard) -> Iterator[Decided]:
    """(sample, old fate, new fate, noise) in direct mode, one after the other."""
    deciders = _deciders(job.old, job.new, shard)
    for sample in _samples(shard):
        if isinstance(sample, Broken):
            yield sample, _NONE, _NONE, ()
            continue
        old, new = (decider.decide(sample) for decider in deciders)
        changed = old != new and not old.failure and not new.failure
        yield sample, old, new, _noise(deciders[0], sample, old, job.again) if changed else ()


def _replayed(job: Job, shard: Shard) -> Iterator[Decided]:
    """The same over the wire: the whole shard under OLD, NEW, and OLD again."""
    from harness.impact.wire import fates

    samples = list(_samples(shard))
    world = sources[shard.source]().world(shard)
    good = [sample for sample in samples if isinstance(sample, Sample)]
    old, new = (fates(Path(side), world, good, job.target) for side in (job.old, job.new))
    others = [fates(Path(job.old), world, good, job.target) for _ in range(job.again)] if old != new else []
    at = 0
    for sample in samples:
        if isinstance(sample, Broken):
            yield sample, _NONE, _NONE, ()
            continue
        found = dict.fromkeys(name for other in others for name in differences(old[at], other[at]))
        yield sample, old[at], new[at], tuple(found)
        at += 1


def _settle(
    tally: Tally, rows: list[Row], job: Job, sample: Sample, old: Fate, new: Fate, noise: tuple[str, ...]
) -> None:
    """Count one session that was decided under both."""
    tally.sessions += 1
    tally.decided += 1
    tally.labels[sample.label] += 1
    tally.verdicts[old.verdict, new.verdict] += 1
    tally.noise.update((name, str(old.cause)) for name in noise)
    change = compare(sample, old, new, noise) if old != new else None
    ticket = _count(tally, job, change)
    if job.rows:
        rows.append(_row(sample, old, new, change, ticket, noise))


def _fail(tally: Tally, rows: list[Row], job: Job, which: str, why: str) -> None:
    tally.fail(which, why)
    if job.rows:
        rows.append({"id": which.rpartition("/")[2], "origin": which.rpartition("/")[0], "failure": why})


def _count(tally: Tally, job: Job, change: Change | None) -> str:
    """Count a change under its agreement, whose ticket is given, or as one that nobody agreed to."""
    if change is None:
        return ""
    for number, agreement in enumerate(job.agreements):
        if agreement.covers(change):
            tally.agreed[number] += 1
            return agreement.ticket
    tally.add(change)
    return ""


def _noise(decider: Decider, sample: Sample, old: Fate, again: int) -> tuple[str, ...]:
    """The fields in which the old rules contradict themselves about this session."""
    found: dict[str, None] = {}
    for _ in range(again):
        found.update(dict.fromkeys(differences(old, decider.decide(sample))))
    return tuple(found)


def _samples(shard: Shard) -> Iterator[Sample | Broken]:
    """The sessions; a corpus that ends in the middle of one is a broken session, too."""
    seen = 0
    try:
        for sample in sources[shard.source]().samples(shard):
            seen += 1
            yield sample
    except (HarnessError, OSError, ValueError) as error:
        yield Broken(f"{shard.path}, after {seen} sessions from {shard.start}", str(error))


@lru_cache(maxsize=2)
def _loaded(old: str, new: str, source: str, world: tuple[str, int, tuple[str, ...]]) -> tuple[Decider, Decider]:
    path, start, zones = world
    shard = Shard(source, path, start, start + 1, zones)
    lived_in = sources[source]().world(shard)
    return Decider(Path(old), lived_in), Decider(Path(new), lived_in)


def _deciders(old: str, new: str, shard: Shard) -> tuple[Decider, Decider]:
    """Both rule sets, loaded once for all shards of a corpus; scenarios have a world for each cell."""
    start = shard.start if shard.source == "scenarios" else 0
    return _loaded(old, new, shard.source, (shard.path, start, shard.zones))


def _row(sample: Sample, old: Fate, new: Fate, change: Change | None, ticket: str, noise: tuple[str, ...]) -> Row:
    """One line of the machine-readable output; flat, so that it fits into columns."""
    row: Row = {
        "id": sample.id, "origin": sample.origin, "label": sample.label, "client": sample.client,
        "client_name": sample.name, "helo": sample.helo, "sender": sample.sender, "recipients": list(sample.recipients),
        "failure": None, "changed": change is not None, "transition": change.transition if change else None,
        "harms": list(change.harms) if change else [], "ticket": ticket or None, "noise": list(noise),
    }  # fmt: skip
    for side, fate in (("old", old), ("new", new)):
        row |= {
            f"{side}_verdict": fate.verdict, f"{side}_phase": fate.phase, f"{side}_code": fate.code,
            f"{side}_text": fate.text, f"{side}_file": fate.cause.file, f"{side}_line": fate.cause.line,
            f"{side}_rule": fate.cause.text, f"{side}_place": fate.cause.place,
            f"{side}_refused": list(fate.refused), f"{side}_reached": list(fate.reached),
            f"{side}_notices": [f"{kind} {to}" for kind, to in fate.notices], f"{side}_kept": list(fate.kept),
        }  # fmt: skip
    return row
