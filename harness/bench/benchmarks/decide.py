"""decide - what `gauntlet impact` costs: sessions a second in direct mode, refused, accepted, with coverage. (IO)

Generated sessions of 4 KiB in the paper's configuration with 500 access entries and 200 header checks, no content
scan.  Seconds are those of this process on a processor, and of several rounds the fastest counts: what else the machine
does makes a round slower, never faster (timeit of Python's library).
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.measure import in_turns
from harness.corpus.find import shipped

_MIX = "mixes/paper.mix"
_SESSIONS, _ENTRIES, _CHECKS, _BYTES = 6000, 500, 200, 4096
_REJECTS, _ACCEPTS = 12_000.0, 4_000.0  # a second, on one processor
_ROUNDS, _ROUND = 9, 2000  # and the sessions of one
_OVER_WIRE = 200  # sessions for a real Postfix
_YOUNG = 1000  # sessions
_MOST = 1_000_000


@benchmarks.register("decide_reject")
def decide_reject() -> Figure:
    """Sessions that policy or cleanup refuse.  Raises Unavailable."""
    return _rate("decide_reject", "reject", _REJECTS)


@benchmarks.register("decide_accept")
def decide_accept() -> Figure:
    """Mails of 4 KiB that come through.  Raises Unavailable."""
    return _rate("decide_accept", "accept", _ACCEPTS)


@benchmarks.register("decide_wire")
def decide_wire() -> Figure:
    """Any sessions of the mix, against the same ones over the wire with a real Postfix.  Raises Unavailable."""
    from harness.errors import TargetError
    from harness.impact.wire import fates
    from harness.target import targets

    if missing := targets["postfix"]().missing():
        raise Unavailable(f"no private Postfix: {missing}")
    with _decider() as (decider, samples):
        some = samples[:_OVER_WIRE]

        def postfix() -> float:
            began = time.perf_counter()
            seen = fates(decider.directory, decider.world, some, "postfix")
            assert not any(fate.failure for fate in seen), seen
            return len(some) / (time.perf_counter() - began)

        try:
            ours, peer = in_turns(lambda: _wall(decider.decide, samples), postfix)
        except TargetError as error:
            raise Unavailable(f"no private Postfix: {error}") from None
    return Figure("decide_wire", ours, peer, "1/s", "Postfix, over the wire", 10.0)


@benchmarks.register("decide_flat")
def decide_flat() -> Figure:
    """Sessions a second after 100 000 others, against the same ones after 1000; memory must not grow.

    The others are new all the time, made on the way.  Raises Unavailable.
    """
    return flat(100_000)


@benchmarks.register("coverage_cost")
def coverage_cost() -> Figure:
    """Sessions a second when coverage is counted, against the same without.  Raises Unavailable."""
    from harness.impact.coverage import Counting, Coverage

    with _decider() as (decider, samples):
        counting = Counting(Coverage(), decider)
        turns = [(_cpu(counting.decide, some), _cpu(decider.decide, some)) for some in [samples[:_ROUND]] * _ROUNDS]
    ours, peer = (max(rates) for rates in zip(*turns, strict=True))
    return Figure("coverage_cost", ours, peer, "1/s", "without coverage", 0.85)


def flat(sessions: int) -> Figure:
    """The same for so many sessions.  The first ones would say nothing: they meet every client for the first time."""
    import psutil

    from harness.corpus.mix import generated

    with _decider() as (decider, samples):
        mix, probe = _mix(), samples[:_YOUNG]

        def goes_on(start: int, stop: int) -> tuple[float, float]:
            """(sessions a second, MiB) once it has decided these."""
            for sample in generated(mix, start, stop):
                decider.decide(sample)
            rate = max(_cpu(decider.decide, probe) for _ in range(3 * _ROUNDS))
            return (
                rate,
                psutil.Process().memory_info().rss / 1_048_576,
            )  # now, not ever: the peak may be somebody else's

        young, _ = goes_on(0, _YOUNG)
        _, some = goes_on(_YOUNG, max(sessions // 5, _YOUNG))
        old, all = goes_on(max(sessions // 5, _YOUNG), sessions)
    failed = f"{all - some:.0f} MiB more at the end" if all - some > 16 else ""
    return Figure("decide_flat", old, young, "1/s", f"after {_YOUNG} sessions", 0.9, failed)


def _rate(name: str, verdict: str, wanted: float) -> Figure:
    with _decider() as (decider, samples):
        of_it = [sample for sample in samples if decider.decide(sample).verdict == verdict]
        ours = max(_cpu(decider.decide, of_it[:_ROUND]) for _ in range(_ROUNDS))
    return Figure(name, ours, wanted, "1/s", "what is asked for", 1.0)


def _cpu(decide: Callable[[Any], object], samples: Sequence[Any]) -> float:
    return _timed(decide, samples, time.process_time)


def _wall(decide: Callable[[Any], object], samples: Sequence[Any]) -> float:
    return _timed(decide, samples, time.perf_counter)


def _timed(decide: Callable[[Any], object], samples: Sequence[Any], clock: Callable[[], float]) -> float:
    began = clock()
    for sample in samples:
        decide(sample)
    return len(samples) / (clock() - began)


@contextlib.contextmanager
def _decider() -> Iterator[tuple[Any, list[Any]]]:
    """A decider for that configuration, and generated sessions.  Raises Unavailable."""
    from harness.corpus.mix import generated
    from harness.impact.decide import Decider
    from harness.impact.source import Shard, sources

    corpus = _corpus()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = configuration(corpus / "gateways" / "paper-2003", Path(name) / "gateway")
        path = str(corpus / _MIX)
        decider = Decider(directory, sources["mix"]().world(Shard("mix", path, 0, 1)))
        yield decider, list(generated(_mix(), 0, _SESSIONS))


def configuration(paper: Path, directory: Path) -> Path:
    """The paper's gateway, its access table and its header checks filled up, without the content engine."""
    shutil.copytree(paper, directory)
    shutil.rmtree(directory / "rav")
    access, checks = directory / "mta_clients_bw.map", directory / "header_checks.regexp"
    with access.open("a", encoding="ascii") as file:
        for number in range(_ENTRIES - 2):
            action = "OK" if number % 3 else "554 ACL mta_clients_bw"
            file.write(f"10.{number // 250}.{number % 250}.7 {action}\n")
    with checks.open("a", encoding="ascii") as file:
        for number in range(_CHECKS - 2):
            file.write(f"/^Subject:.*(word{number}[a-z]+x|offer-{number})/ REJECT\n")
    return directory


@cache
def _corpus() -> Path:
    corpus = shipped("corpus")
    if corpus is None:
        raise Unavailable("no corpus/ here")
    return corpus


def _mix() -> Any:
    from harness.corpus.mix import read_mix

    return replace(read_mix(_corpus() / _MIX), size_bytes=_BYTES, sessions=_MOST)
