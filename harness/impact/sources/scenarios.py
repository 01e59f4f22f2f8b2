"""scenarios - scenario files as a corpus: sessions, contents and DNS worlds, under whatever rules are asked about.

What a scenario sets on top of its configuration (`set`, `rav`, `files`) belongs to its own gateway and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from harness.corpus.sample import Broken, Sample, label_of
from harness.impact.source import Shard, sources
from harness.impact.world import World
from harness.load import find_scenarios, load
from harness.plan import Plan, PlannedSession, plan


@sources.register("scenarios")
class Scenarios:
    """A scenario file, or a directory of them.  A shard is one matrix cell: `start` is its number."""

    def claims(self, path: Path) -> bool:
        return path.suffix == ".yaml" or (path.is_dir() and any(path.rglob("*.yaml")))

    def shards(self, path: Path, zones: tuple[str, ...], size: int) -> Iterator[Shard]:
        for file in find_scenarios([path]):
            for number in range(len(load(file).cells)):
                yield Shard("scenarios", str(file), number, number + 1)

    def samples(self, shard: Shard) -> Iterator[Sample | Broken]:
        planned = _plan(shard.path, shard.start)
        cell = "".join(f"[{name}={value}]" for name, value in planned.cell)
        for one in planned.sessions:
            yield _sample(planned, one, cell)

    def world(self, shard: Shard) -> World:
        planned = _plan(shard.path, shard.start)
        at = datetime.fromisoformat(planned.scenario.clock).timestamp()
        return World(planned.zone, planned.faults, planned.scenario.dns.strict, at)


@lru_cache(maxsize=4)
def _plan(path: str, number: int) -> Plan:
    loaded = load(Path(path))
    return plan(loaded, loaded.cells[number])


def _sample(planned: Plan, one: PlannedSession, cell: str) -> Sample:
    session, identity = one.session, one.identity
    send = session.send
    return Sample(
        session.id,
        identity.address,
        send.sender if send is not None else "",
        tuple(send.to) if send is not None else (),
        label=label_of((*session.tags, *planned.scenario.tags)),
        name=identity.name,
        reverse_name=identity.reverse_name,
        origin=f"{planned.name}{cell}",
        script=one.script,
        identity=identity,
    )
