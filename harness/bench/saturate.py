"""saturate - `gauntlet bench --saturate`: the highest rate of an open loop that still meets the thresholds. (IO)

Doubling and halving until one rate holds and a higher one does not, then bisection, then the last good rate once more
and twice as long: a rate that held once by luck is no result.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from harness.arrivals import Arrivals, parse_arrivals
from harness.bench.limits import allow_connections
from harness.bench.loadtest import drivers, thresholds_of
from harness.bench.measured import INTERRUPTED
from harness.bench.outcome import BREACHED, DIED, INCONCLUSIVE, STOPPED
from harness.bench.side import Side, Started, figures_of, started
from harness.cell import run_loop
from harness.errors import UsageError
from harness.replay.script import duration
from harness.scenario import Load
from harness.threshold import Threshold, parse_threshold, shown

PRECISION = 0.05  # two rates this close to each other are one
_PROBE_S, _SESSIONS, _LONGEST_S = 3.0, 500, 30.0  # a probe is so long, and has so many sessions if it can
_CONNECTIONS = 50  # at once, if the scenario has fewer: an open loop needs as many as its sessions overlap
_GROWTH, _LOWEST, _CHECKS = 1.5, 1.0, 3
_KEPT_UP = ("sessions.rate >= 0.95 * arrivals.rate", "arrivals.late.max < 1s")


@dataclass(frozen=True)
class Probe:
    """One rate that was tried: does it hold, and if not, why; `limited`: it was the harness that could not."""

    rate: float
    holds: bool
    why: str = ""
    limited: bool = False
    check: bool = False
    figures: dict[str, float] | None = None


@dataclass(frozen=True)
class Saturation:
    """Every step, and the highest rate that held twice; 0: none."""

    probes: tuple[Probe, ...]
    rate: float
    ended: str = ""
    least: float = 0.0  # what the scenario asks for

    @property
    def limited(self) -> bool:
        """Could the harness bring no more, so that the target may well be able to do more?"""
        above = [probe for probe in self.probes if probe.rate > self.rate and not probe.holds]
        return bool(above) and min(above, key=lambda probe: probe.rate).limited

    @property
    def status(self) -> int:
        """0 for a rate; 4 where the target died; 99 for none, or less than asked for; 6 at the harness's limit."""
        if self.ended:
            return STOPPED if self.ended == INTERRUPTED else DIED
        if self.limited and (not self.rate or self.rate < self.least):
            return INCONCLUSIVE
        return BREACHED if not self.rate or self.rate < self.least else INCONCLUSIVE if self.limited else 0


class _EndedError(Exception):
    """The target has died: there is nothing left to search."""


Try = Callable[[float, bool], Awaitable[Probe]]


async def search(probe: Try, start: float) -> float:
    """The highest rate that holds, and holds again as a check; 0: none.  Begins at a rate that may be any."""
    low, high = await _bracket(probe, start, inf, False)
    for round_ in range(_CHECKS):
        longer = bool(round_)
        while low and high > low * (1 + PRECISION):
            middle = (low * high) ** 0.5
            low, high = (middle, high) if (await probe(middle, longer)).holds else (low, middle)
        if not low or (await probe(low, True)).holds:
            return low
        low, high = await _bracket(probe, low / _GROWTH, low, True)  # it held by luck: from now on each is long
    return 0.0


async def _bracket(probe: Try, rate: float, high: float, longer: bool) -> tuple[float, float]:
    """A rate that holds (0: none does) and a higher one that does not."""
    low = 0.0
    while rate >= _LOWEST and rate * (1 + PRECISION) < high:  # a rate that failed is not tried again
        if (await probe(rate, longer)).holds:
            low, rate = rate, rate * _GROWTH
        else:
            high, rate = rate, rate / 2
            if low:
                break
    return low, high


def saturate(side: Side, told: Callable[[Probe], None]) -> Saturation:
    """Find it; each step is told as it is done.  Raises as load_scenario, and UsageError for recorded times."""
    wanted = side.rehearsed.wanted
    arrivals = parse_arrivals(wanted.arrivals) if wanted.arrivals else Arrivals("constant", (1.0,))
    if not arrivals.peak:
        raise UsageError("--saturate needs a rate that can be raised; recorded times have none")
    wanted = replace(wanted, connections=max(wanted.connections, _CONNECTIONS))
    allow_connections(wanted.connections)
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        return run_loop(_saturate(side, wanted, arrivals, Path(workdir), told))


async def _saturate(
    side: Side, wanted: Load, shape: Arrivals, workdir: Path, told: Callable[[Probe], None]
) -> Saturation:
    given = [one for one in thresholds_of(wanted) if "baseline." not in one.text]
    floors = [one for one in given if one.metric == "sessions.rate" and not one.other and one.sign in (">", ">=")]
    thresholds = [*(one for one in given if not one.metric.endswith(".rate")), *map(parse_threshold, _KEPT_UP)]
    probes: list[Probe] = []
    with drivers(wanted.processes) as pool:
        async with started(side, workdir) as up:
            await up.warm_up(pool)

            async def probe(rate: float, check: bool) -> Probe:
                load = _at(wanted, shape, rate, 2 if check else 1)
                seen = await up.stretch(pool, load, len(probes) + 1, tuple(thresholds))
                probes.append(done := _judged(up, rate, check, thresholds, seen.hopeless))
                told(done)
                if up.ended or up.interrupted:
                    raise _EndedError
                again = done.limited and not (len(probes) > 1 and probes[-2].limited and probes[-2].rate == rate)
                return await probe(rate, check) if again else done  # once more: it may have been a busy neighbour

            best = 0.0
            with contextlib.suppress(_EndedError):
                best = await search(probe, await _first(up, wanted, pool))
    ended = INTERRUPTED if up.interrupted else up.ended
    return Saturation(tuple(probes), best, ended, max((one.number for one in floors), default=0.0))


async def _first(up: Started, wanted: Load, pool: ProcessPoolExecutor) -> float:
    """Where to begin: what a short closed loop reaches."""
    quick = replace(wanted, sessions=_SESSIONS, duration="2s", arrivals="", connections=min(wanted.connections, 10))
    seen = await up.stretch(pool, quick, 1)
    return max(seen.finished / seen.seconds, _LOWEST)


def _at(wanted: Load, shape: Arrivals, rate: float, times: int) -> Load:
    """The load at a mean rate, long enough to say something."""
    seconds = duration(wanted.duration) if wanted.duration else min(max(_PROBE_S, _SESSIONS / rate), _LONGEST_S)
    return replace(wanted, arrivals=shape.at_rate(rate).text, sessions=0, duration=f"{seconds * times:.3f}s")


def _judged(up: Started, rate: float, check: bool, thresholds: Sequence[Threshold], hopeless: str) -> Probe:
    figures = figures_of(up.seen[-1:], up.taken[-1:])
    if up.ended:
        return Probe(rate, False, up.ended, check=check, figures=figures)
    if unfit := up.blocks[-1].unfit:
        return Probe(rate, False, unfit, True, check, figures)
    broken = hopeless or next((_broken(one, figures) for one in thresholds if not one.met(figures)), "")
    return Probe(rate, not broken, broken, False, check, figures)


def _broken(threshold: Threshold, figures: dict[str, float]) -> str:
    had = figures.get(threshold.metric)
    return f"{threshold.text} ({'not measured' if had is None else shown(threshold.metric, had)})"
