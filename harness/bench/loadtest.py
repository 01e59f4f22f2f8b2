"""loadtest - `gauntlet bench SCENARIO`: the sides in turns under load, beside a baseline; then the thresholds. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from harness.arrivals import parse_arrivals
from harness.bench.block import Block
from harness.bench.drive import meet, obey
from harness.bench.limits import allow_connections
from harness.bench.measured import INTERRUPTED, Measured, one_after_another
from harness.bench.outcome import Outcome, overload
from harness.bench.peer import baseline
from harness.bench.rehearsal import Options, rehearse
from harness.bench.side import Side, Started, started, under_load
from harness.bench.workload import without_pipelining
from harness.cell import run_loop
from harness.errors import NothingToDo, TargetError
from harness.replay.script import duration
from harness.scenario import Load
from harness.threshold import Threshold, parse_threshold

_ALWAYS = ("verdict.mismatch == 0", "errors.total == 0")  # asked for, whether the scenario says so or not
_LATE_S = 1.0

Blocks = Sequence[Sequence[Block]]


def load_scenario(file: Path, options: Options) -> Outcome:
    """Run one scenario's load.  Raises ScenarioError, ConfigError, TargetError, UsageError, FailsQuietly."""
    return load_sides([Side(options.target, options.target, rehearse(file, options))])[0]


def load_sides(
    sides: Sequence[Side],
    *,
    rounds: int = 0,
    enough: Callable[[Blocks], bool] = lambda blocks: True,
    keep_going: bool = False,
    beside: bool = True,
) -> list[Outcome]:
    """Put the same load on each side, in so many turns (0: what the scenario says, where turns are needed).

    Every round of turns is asked whether it is `enough`; if not, as many more follow.  Without `beside` the baseline
    is left out, and the thresholds that name it.  Raises as load_scenario.
    """
    allow_connections(max(side.rehearsed.wanted.connections for side in sides))
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        for place in range(len(sides)):
            (Path(workdir) / str(place)).mkdir()
        return run_loop(_load(sides, Path(workdir), rounds, enough, keep_going, beside))


async def _load(
    sides: Sequence[Side], workdir: Path, rounds: int, enough: Callable[[Blocks], bool], keep_going: bool, beside: bool
) -> list[Outcome]:
    wanted = sides[0].rehearsed.wanted
    thresholds = [one for one in thresholds_of(wanted) if beside or "baseline." not in one.text]
    compared = any("baseline." in one.text for one in thresholds)
    rounds = rounds or (wanted.rounds if compared or len(sides) > 1 else 1)
    share, lost_if = _share(wanted, rounds), () if keep_going or rounds > 1 else tuple(thresholds)
    peers: list[Measured] = []
    with drivers(wanted.processes) as pool, baseline(compared) as peer:
        async with contextlib.AsyncExitStack() as stack:
            up = [
                await stack.enter_async_context(started(side, workdir / str(place))) for place, side in enumerate(sides)
            ]
            for one in up:
                await one.warm_up(pool)
            theirs = tuple(
                replace(job, codes=None).repeated(wanted.reuse)
                for job in map(without_pipelining, sides[0].rehearsed.jobs)
            )
            number = 0
            while not any(one.ended or one.interrupted for one in up):
                if compared:
                    peers.append(await under_load(pool, peer.address, theirs, share, number))
                for one in up if number % 2 == 0 else reversed(up):  # whoever is second finds a warmer machine
                    if not any(other.interrupted for other in up):
                        await one.stretch(pool, share, one.side.rehearsed.made.seed + number, lost_if)
                number += 1
                if number % rounds == 0 and enough([one.blocks for one in up]):
                    break
    return [_outcome(one, thresholds, peers, share) for one in up]


@contextlib.contextmanager
def drivers(processes: int) -> Iterator[ProcessPoolExecutor]:
    """The processes that bring the load, all there; at Ctrl-C they stop, and what was measured so far is kept."""
    context = multiprocessing.get_context("spawn")
    stop, meeting, loop = context.Event(), context.Barrier(processes), asyncio.get_running_loop()
    begin = (stop, meeting, processes > 1)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=obey, initargs=begin) as pool:
        with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(signal.SIGINT, stop.set)
        try:
            for here in [pool.submit(meet) for _ in range(processes)]:  # each keeps a process until all are there
                here.result()
            yield pool
        finally:
            with contextlib.suppress(RuntimeError, ValueError):
                loop.remove_signal_handler(signal.SIGINT)


def thresholds_of(wanted: Load) -> list[Threshold]:
    """Those of the scenario, and those that always hold."""
    given = [parse_threshold(text) for text in wanted.thresholds]
    families = {one.metric.partition(".")[0] for one in given if one.metric.startswith(("verdict.mismatch", "errors."))}
    return given + [parse_threshold(text) for text in _ALWAYS if text.partition(".")[0] not in families]


def _share(wanted: Load, rounds: int) -> Load:
    """What one of so many rounds has of the load; recorded times are replayed whole in each."""
    seconds = wanted.duration
    if seconds and not (wanted.arrivals and parse_arrivals(wanted.arrivals).shape == "at"):
        seconds = f"{duration(seconds) / rounds:.6f}s"
    return replace(wanted, sessions=-(-wanted.sessions // rounds), duration=seconds)


def _outcome(one: Started, thresholds: list[Threshold], peers: list[Measured], share: Load) -> Outcome:
    whole, figures = one_after_another(one.seen), one.figures()
    if peers:
        figures |= {f"baseline.{name}": value for name, value in one_after_another(peers).figures().items()}
    if whole.hopeless and not whole.finished and whole.hopeless != INTERRUPTED:
        raise TargetError(one.ended or f"no session came to an end: {whole.hopeless}")
    if not whole.started and not one.ended and whole.hopeless != INTERRUPTED:
        raise NothingToDo(f"no session was due within {share.duration}")
    held = tuple((threshold, threshold.met(figures)) for threshold in thresholds)
    late = overload(figures, open_loop=bool(share.arrivals)) or _too_few(figures, share)
    return Outcome(
        one.side.rehearsed.made.name, one.side.label, figures, held, whole, late, tuple(one.blocks), one.ended
    )


def _too_few(figures: dict[str, float], share: Load) -> str:
    """Open loop that was none: all connections were busy, and the target was not."""
    late = figures["arrivals.late.max"]
    if not share.arrivals or late < _LATE_S or figures.get("gateway.cpu", 0.0) >= 0.8:
        return ""
    return (
        f"all {share.connections} connections were busy, so that sessions began up to {late:.1f} s late (--connections)"
    )
