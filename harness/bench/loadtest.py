"""loadtest - `gauntlet bench SCENARIO`: quiet first, then under load, beside a baseline; then the thresholds. (IO)"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from harness.arrivals import Arrivals, parse_arrivals
from harness.bench.around import around
from harness.bench.drive import Order, drive
from harness.bench.measured import Measured, one_after_another, together
from harness.bench.peer import baseline
from harness.bench.sample import Sampler
from harness.bench.workload import Job, introduced, job_of, without_pipelining
from harness.cell import run_loop
from harness.errors import HarnessError, TargetError
from harness.judge import judge
from harness.load import Loaded, load
from harness.plan import Plan, plan
from harness.replay.script import duration
from harness.result import Status
from harness.run import run
from harness.scenario import Load
from harness.smtp.client import ClientConnection, ehlo_keywords
from harness.smtp.reply import Reply
from harness.target import targets
from harness.threshold import Threshold, parse_threshold

Address = tuple[str, int]

BREACHED, INCONCLUSIVE = 99, 6  # exit statuses
LATE_S = 0.02  # a session begun later than this, through our own fault, was not begun when it was due
_NO_MISMATCH = "verdict.mismatch == 0"
_START_S = 0.1  # for the drivers to be ready together


@dataclass(frozen=True)
class Options:
    """What the command line says on top of the scenario."""

    target: str = "reference"
    arrivals: str = ""
    duration: str = ""
    processes: int = 0
    connections: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of one scenario on one target."""

    scenario: str
    target: str
    figures: dict[str, float]
    thresholds: tuple[tuple[Threshold, bool | None], ...]
    measured: Measured
    overloaded: str  # why the harness itself was too slow; "" if it was not

    @property
    def status(self) -> int:
        """0; 99 where a threshold is breached; 6 where that may be the harness's own fault.

        A wrong verdict is nobody's fault but the target's.
        """
        breached = [threshold for threshold, met in self.thresholds if not met]
        if any(threshold.metric.startswith("verdict.") for threshold in breached):
            return BREACHED
        if self.overloaded:
            return INCONCLUSIVE
        return BREACHED if breached else 0


class FailsQuietly(HarnessError):
    """The scenario does not hold without load: nothing is to be learnt from load."""

    exit_status = 1


def load_scenario(file: Path, options: Options) -> Outcome:
    """Run one scenario's load.  Raises ScenarioError, ConfigError, TargetError, UsageError, FailsQuietly."""
    loaded = load(file)
    made = plan(loaded, loaded.cells[0])
    wanted = made.scenario.load
    if wanted is None:
        raise loaded.fault((), "has no `load:`, so there is nothing to bench")
    wanted = _chosen(wanted, options)
    jobs = _jobs(loaded, made, wanted)
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        known = _rehearse(made, options.target, Path(workdir) / "quiet", [job.id for job in jobs])
    jobs = tuple(replace(job, codes=known[job.id]) for job in jobs)
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        return run_loop(_measure(made, wanted, jobs, options.target, Path(workdir)))


def _chosen(wanted: Load, options: Options) -> Load:
    names = ("arrivals", "duration", "processes", "connections")
    changes = {name: value for name in names if (value := getattr(options, name))}
    if options.duration and not options.arrivals:
        changes["sessions"] = 0
    return replace(wanted, **changes)


def _jobs(loaded: Loaded, made: Plan, wanted: Load) -> tuple[Job, ...]:
    jobs = []
    for planned in made.sessions:
        session = planned.session
        if (wanted.mix and not wanted.mix.get(session.id)) or (not wanted.mix and session.send is None):
            continue
        try:
            jobs.append(job_of(session.id, planned.script, wanted.mix.get(session.id, 1)))
        except HarnessError as error:
            raise loaded.fault(("load", "mix"), error.what) from None
    if not jobs:
        raise loaded.fault(("load", "mix"), "no session to make load of")
    return tuple(jobs)


def _rehearse(made: Plan, target: str, workdir: Path, ids: list[str]) -> dict[str, tuple[int, ...]]:
    """The codes each session gets when nothing else goes on, having met what the scenario expects of it."""
    workdir.mkdir()
    kind = targets[target]()
    seen = run_loop(run(made, kind, workdir, ids))
    result = judge(made, seen)
    wrong = [
        f"{one.session}: {finding.expectation}: expected {finding.expected}, got {finding.seen}"
        for one in result.sessions
        if one.session in ids
        for finding in one.findings
        if finding.status in (Status.FAILED, Status.ERROR)
    ]
    if wrong:
        raise FailsQuietly(f"fails without any load: {wrong[0]}", file=str(made.file))
    return {one.id: tuple(e.reply.code for e in one.exchanges if e.reply is not None) for one in seen.sessions}


async def _measure(made: Plan, wanted: Load, jobs: tuple[Job, ...], target: str, workdir: Path) -> Outcome:
    texts = list(wanted.thresholds)
    if not any(parse_threshold(text).metric == "verdict.mismatch" for text in texts):
        texts.append(_NO_MISMATCH)
    thresholds = [parse_threshold(text) for text in texts]
    compared = any("baseline." in text for text in texts)
    identities = {one.session.id: one.identity for one in made.sessions}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(wanted.processes, mp_context=context) as pool, baseline(compared) as peer:
        async with around(made, target, workdir) as world:
            keywords = await _keywords(world.smtp)
            ours = tuple(
                introduced(job, identities[job.id], keywords.get("XCLIENT"), world.smtp).repeated(wanted.reuse)
                for job in (jobs if "PIPELINING" in keywords else map(without_pipelining, jobs))
            )
            theirs = tuple(replace(job, codes=None).repeated(wanted.reuse) for job in map(without_pipelining, jobs))
            if wanted.warmup:
                warm = replace(wanted, sessions=wanted.warmup, arrivals="", duration="")
                await under_load(pool, world.smtp, ours, warm, 1)
            sampler = Sampler(peer.pids)
            measured, beside, sampled, asked, relayed = [], [], [], world.ends.asked, world.ends.counts.messages
            rounds = wanted.rounds if compared else 1
            share = replace(wanted, sessions=-(-wanted.sessions // rounds))
            for number in range(rounds):
                if compared:
                    beside.append(await under_load(pool, peer.address, theirs, share, number))
                sampler.begin()
                measured.append(await under_load(pool, world.smtp, ours, share, made.seed + number))
                sampled.append(await sampler.end())
    whole = one_after_another(measured)
    figures = whole.figures() | {
        "gateway.cpu": sum(one["gateway.cpu"] for one in sampled) / len(sampled),
        "gateway.rss.max": max(one["gateway.rss.max"] for one in sampled),
        "gateway.files.max": max(one["gateway.files.max"] for one in sampled),
        "dns.queries.rate": (world.ends.asked - asked) / whole.seconds,
        "next_hop.messages": float(world.ends.counts.messages - relayed),
    }
    if compared:
        figures |= {f"baseline.{name}": value for name, value in one_after_another(beside).figures().items()}
    if whole.hopeless and not whole.finished:
        raise TargetError(f"no session came to an end: {whole.hopeless}")
    held = tuple((threshold, threshold.met(figures)) for threshold in thresholds)
    return Outcome(made.name, target, figures, held, whole, overload(figures, open_loop=bool(wanted.arrivals)))


async def under_load(
    pool: ProcessPoolExecutor, address: Address, jobs: tuple[Job, ...], wanted: Load, seed: int
) -> Measured:
    """The load of all processes together."""
    many = wanted.processes
    arrivals: Arrivals | None = parse_arrivals(wanted.arrivals).scaled(1 / many) if wanted.arrivals else None
    begin_at = time.monotonic() + _START_S
    orders = [
        Order(
            address, jobs, max(1, wanted.connections // many), -(-wanted.sessions // many),
            duration(wanted.duration) if wanted.duration else 0.0, arrivals, seed * 1000 + place, begin_at,
        )
        for place in range(many)
    ]  # fmt: skip
    return together(await asyncio.gather(*(in_process(pool, order) for order in orders)))


async def in_process(pool: ProcessPoolExecutor, order: Order) -> Measured:
    """One driver's work, in a process of the pool."""
    return await asyncio.get_running_loop().run_in_executor(pool, drive, order)


def overload(figures: dict[str, float], *, open_loop: bool) -> str:
    """Why the harness, and not the target, was what limited the load; "" if it was not."""
    late = figures.get("harness.lag.p99", 0.0)
    if open_loop and late > LATE_S:
        return f"one session in a hundred began {late * 1000:.0f} ms late or more, through our own fault"
    ours, its = figures["harness.cpu"], figures["gateway.cpu"]
    if not open_loop and ours > 0.95 and its < 0.8:
        return f"the load client took {ours:.0%} of a processor, the target only {its:.0%}"
    return ""


async def _keywords(address: Address) -> dict[str, str]:
    """What the target offers to us.  Raises TargetError when it does not talk."""
    try:
        reader, writer = await asyncio.open_connection(*address)
    except OSError as error:
        raise TargetError(f"{address[0]}:{address[1]}: {error.strerror or error}") from None
    connection = ClientConnection()

    async def reply() -> Reply:
        while (answer := connection.next_reply()) is None:
            if not (data := await asyncio.wait_for(reader.read(65536), 10)):
                raise TargetError(f"{address[0]}:{address[1]}: hung up before it had answered")
            connection.receive(data)
        return answer

    try:
        await reply()
        writer.write(b"EHLO load.localdomain\r\n")
        hello = await reply()
        writer.write(b"QUIT\r\n")
        await reply()
    except TimeoutError:
        raise TargetError(f"{address[0]}:{address[1]}: no answer in 10 s") from None
    finally:
        writer.close()
    return ehlo_keywords(hello)
