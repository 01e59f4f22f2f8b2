"""side - one target under load, in a world of its own: what is compared, when there are two of them. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from harness.arrivals import parse_arrivals
from harness.bench.around import Around, around
from harness.bench.block import Block, block_of
from harness.bench.drive import Order, drive
from harness.bench.hopeless import values_at_most
from harness.bench.machine import speed
from harness.bench.measured import INTERRUPTED, Measured, one_after_another, together
from harness.bench.outcome import overload
from harness.bench.rehearsal import Rehearsed
from harness.bench.sample import Sampler
from harness.bench.workload import Job, Turn, introduced, without_pipelining
from harness.errors import TargetError
from harness.replay.identity import Identity
from harness.replay.script import duration
from harness.run import identity_for
from harness.scenario import Load
from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.reply import Reply
from harness.threshold import Threshold

Address = tuple[str, int]

_START_S = 0.1  # for the drivers to be ready together
_ANSWER_S = 10.0
_PEAKS = ("rss", "files")


@dataclass(frozen=True)
class Side:
    """What is put under load: a rehearsed scenario on a target; `program`: where else the gateway's modules may be."""

    label: str
    target: str
    rehearsed: Rehearsed
    program: str = ""


class Started:
    """A side, up and ready, and what was seen of it so far."""

    def __init__(self, side: Side, world: Around, jobs: tuple[Job, ...]) -> None:
        self.side, self.world, self.jobs = side, world, jobs
        self.seen: list[Measured] = []
        self.blocks: list[Block] = []
        self.ended = ""
        self.taken: list[dict[str, float]] = []
        self._sampler = Sampler(world.roots)

    @property
    def interrupted(self) -> bool:
        """Does the user want no more?"""
        return bool(self.seen) and self.seen[-1].hopeless == INTERRUPTED

    async def warm_up(self, pool: ProcessPoolExecutor) -> None:
        """The first sessions, which do not count."""
        wanted = self.side.rehearsed.wanted
        if wanted.warmup:
            warm = replace(wanted, sessions=wanted.warmup, arrivals="", duration="")
            await under_load(pool, self.world.smtp, self.jobs, warm, 1)
            self._sampler.begin()
            await self._sampler.end()  # when it is idle: what is still on its way belongs to nobody's figures

    async def stretch(
        self, pool: ProcessPoolExecutor, share: Load, seed: int, thresholds: tuple[Threshold, ...] = ()
    ) -> Measured:
        """So much load; its block is added to the blocks.  Given up when a threshold is lost."""
        ends = self.world.ends
        pace, asked, relayed = speed(), ends.asked, ends.counts.messages
        self._sampler.begin()
        seen = await under_load(pool, self.world.smtp, self.jobs, share, seed, thresholds)
        taken = await self._sampler.end()
        taken |= {"speed": pace, "queries": ends.asked - asked, "relayed": ends.counts.messages - relayed}
        if not self.world.roots:  # nobody knows what it takes
            taken = {name: value for name, value in taken.items() if name not in ("cpu_s", *_PEAKS)}
        self.seen.append(seen)
        self.taken.append(taken)
        figures = figures_of([seen], [taken])
        self.blocks.append(block_of(seen, taken, overload(figures, open_loop=bool(share.arrivals))))
        if seen.errors and not self.ended:
            self.ended = await self.world.ended()
        return seen

    def figures(self) -> dict[str, float]:
        """Of all stretches together."""
        return figures_of(self.seen, self.taken)


def figures_of(seen: list[Measured], taken: list[dict[str, float]]) -> dict[str, float]:
    """Every figure that thresholds may name, of stretches one after the other."""
    if not seen:  # stopped before its turn came
        return {}
    whole = one_after_another(seen)
    figures = whole.figures()
    sums = {name: sum(one[name] for one in taken) for name in ("cpu_s", "queries", "relayed") if name in taken[0]}
    figures |= {"dns.queries.rate": sums["queries"] / whole.seconds, "next_hop.messages": sums["relayed"]}
    if "cpu_s" in sums:
        figures["gateway.cpu"] = sums["cpu_s"] / whole.seconds
        figures |= {"gateway.cpu.session": sums["cpu_s"] / whole.finished} if whole.finished else {}
    figures |= {f"gateway.{name}.max": max(one[name] for one in taken) for name in _PEAKS if name in taken[0]}
    world = [name for name in taken[0] if name.startswith("world.")]
    return figures | {name: max(one.get(name, 0.0) for one in taken) for name in world}


@contextlib.asynccontextmanager
async def started(side: Side, workdir: Path) -> AsyncIterator[Started]:
    """The side, until the block ends.  Raises ConfigError, TargetError, UsageError, ScenarioError."""
    made, wanted, jobs = side.rehearsed.made, side.rehearsed.wanted, side.rehearsed.jobs
    async with around(made, side.target, workdir, side.program) as world:
        told = {one.session.id: identity_for(one, world.via) for one in made.sessions}
        identities = {name: identity for name, identity in told.items() if isinstance(identity, Identity)}
        first = introduced(Job("", (Turn(b"", ("connect",)),)), identities[jobs[0].id], "", world.smtp).turns[0].data
        keywords = await _keywords(world.smtp, first)
        ours = tuple(
            introduced(job, identities[job.id], keywords.get("XCLIENT"), world.smtp).repeated(wanted.reuse)
            for job in (jobs if "PIPELINING" in keywords else map(without_pipelining, jobs))
        )
        yield Started(side, world, ours)


async def under_load(
    pool: ProcessPoolExecutor,
    address: Address,
    jobs: tuple[Job, ...],
    wanted: Load,
    seed: int,
    thresholds: tuple[Threshold, ...] = (),
    last: Job | None = None,
    eager: bool = False,
) -> Measured:
    """The load of all processes together; `last`: the very last session is this one."""
    many = min(wanted.processes, wanted.connections, wanted.sessions or wanted.processes)
    seconds = duration(wanted.duration) if wanted.duration else 0.0
    arrivals = parse_arrivals(wanted.arrivals) if wanted.arrivals else None
    begin_at = time.monotonic() + _START_S
    planned = values_at_most(jobs, wanted.sessions, arrivals, seconds)
    orders = [
        Order(
            address, jobs, _share(wanted.connections, place, many), _share(wanted.sessions, place, many), seconds,
            arrivals, place, many, seed, begin_at, thresholds=thresholds, planned=planned,
            last=last if place == (wanted.sessions - 1) % many else None, eager=eager and many == 1,
        )
        for place in range(many)
    ]  # fmt: skip
    return together(await asyncio.gather(*(in_process(pool, order) for order in orders)))


def _share(whole: int, place: int, many: int) -> int:
    """Of so much, what one of many has that takes every so-manieth."""
    return -((place - whole) // many)


async def in_process(pool: ProcessPoolExecutor, order: Order) -> Measured:
    """One driver's work, in a process of the pool."""
    return await asyncio.get_running_loop().run_in_executor(pool, drive, order)


async def _keywords(address: Address, first: bytes) -> dict[str, str]:
    """What it offers to us, who begin with these bytes (PROXY, or nothing).  Raises TargetError if it is mute."""
    try:
        reader, writer = await asyncio.open_connection(*address)
    except OSError as error:
        raise TargetError(f"{address[0]}:{address[1]}: {error.strerror or error}") from None
    connection = ClientConnection()

    async def reply() -> Reply:
        while (answer := connection.next_reply()) is None:
            if not (data := await asyncio.wait_for(reader.read(65536), _ANSWER_S)):
                raise TargetError(f"{address[0]}:{address[1]}: hung up before it had answered")
            connection.receive(data)
        return answer

    try:
        writer.write(first)
        await reply()
        writer.write(b"EHLO load.localdomain\r\n")
        hello = await reply()
        writer.write(b"QUIT\r\n")
        await reply()
    except TimeoutError:
        raise TargetError(f"{address[0]}:{address[1]}: no answer in {_ANSWER_S:g} s") from None
    finally:
        writer.close()
    return ehlo_keywords(hello)
