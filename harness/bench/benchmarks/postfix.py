"""postfix - the reference gateway beside a real Postfix under one load: sessions refused, mail relayed. (IO)

Both have the rules of the paper's gateway, as meant, and neither examines content, which Postfix cannot.  Ten clients
at once, a connection for each session, from 127.0.0.1, which is a stranger here; DNS and next hop are ours for both.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

from harness.bench.around import around
from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.loadtest import drivers
from harness.bench.measure import ROUNDS
from harness.bench.rehearsal import Options, rehearse
from harness.bench.side import Side, Started, started, under_load
from harness.cell import run_loop
from harness.load import load
from harness.plan import Plan, plan
from harness.scenario import Load
from harness.target import targets

_GATEWAY = Path("corpus/gateways/paper-2003-as-meant")
_SCENARIO = """\
title: load
dns:
  zones: ["corpus:zones/world.zone"]
  rbl: {{blackholes.wirehub.net: {{"{listed}": {{a: 127.0.0.2, txt: listed}}}}}}
gateway:
  config: {config}
  set: {{mynetworks: 192.168.1.0/24}}
sessions:
  - id: load
    tags: [clean]
    client: {{via: none, helo: mail.ok.test}}
    send: {{from: a@ok.test, to: [user@yourdomain.com], message: {{subject: load, pad_to: 1024}}}}
    expect: {{verdict: {verdict}}}
load:
  sessions: {sessions}
  connections: 10
"""
_ARRIVAL_S = 30.0  # for what was accepted to be at the next hop

_LISTED = {"listed": "127.0.0.1", "verdict": "reject"}
_DECIDED, _READY_S = 10_000, 0.1

Rate = Callable[[Started, ProcessPoolExecutor, Load], Awaitable[float]]


@benchmarks.register("rejected")
def rejected() -> Figure:
    """Sessions a second of a client that the first blocklist of the paper's rules knows.  Raises Unavailable."""
    return _against_postfix("rejected", _LISTED, _refused, 2.5)


@benchmarks.register("relayed")
def relayed() -> Figure:
    """Mails of 1 KiB a second, until all are at the next hop.  Raises Unavailable."""
    return _against_postfix("relayed", {"listed": "192.0.2.66", "verdict": "accept", "sessions": 1000}, _arrived, 3.0)


@benchmarks.register("direct")
def direct() -> Figure:
    """The refused sessions again, decided in memory: a second of this process's processor, against a Postfix on all.

    Raises Unavailable.
    """
    from harness.corpus.sample import Sample
    from harness.impact.decide import Decider
    from harness.impact.world import read_world

    its = _against_postfix("direct", _LISTED, _refused, 0).peer
    sample = Sample("1", "192.0.2.66", "a@ok.test", ("user@yourdomain.com",), b"Subject: x\r\n\r\nx\r\n")
    with _bare_gateway() as (config, _):
        decider = Decider(config, read_world([_GATEWAY.parent.parent / "zones/world.zone"]))
        fate = decider.decide(sample)
        if (fate.verdict, fate.cause.text) != ("reject", "reject_rbl_client"):
            return Figure(
                "direct", 0.0, its, "1/s", "a real Postfix", 10.0, f"the session is not refused: {fate.cause}"
            )
        rates = []
        for _ in range(ROUNDS):
            began = time.process_time()
            for _ in range(_DECIDED):
                decider.decide(sample)
            rates.append(_DECIDED / (time.process_time() - began))
    return Figure("direct", median(rates), its, "1/s", "a real Postfix", 10.0)


@benchmarks.register("postfix_ready")
def postfix_ready() -> Figure:
    """1/s: a private Postfix from nothing to its first greeting, against the 0.1 s it may take.  Raises Unavailable."""
    return _ready("postfix_ready", anew=True)


@benchmarks.register("postfix_next")
def postfix_next() -> Figure:
    """1/s: the next scenario's Postfix, in the namespaces of the last one, against 0.1 s.  Raises Unavailable."""
    return _ready("postfix_next", anew=False)


def _ready(name: str, *, anew: bool) -> Figure:
    if reason := targets["postfix"]().missing():
        raise Unavailable(reason)
    from harness.private_postfix import laboratory

    async def once(made: Plan, workdir: Path) -> float:
        began = time.monotonic()
        async with around(made, "postfix", workdir):
            return time.monotonic() - began

    took = []
    with _bare_gateway() as (config, directory):
        file = directory / "load.yaml"
        file.write_text(_SCENARIO.format(config=config, sessions=1, **_LISTED), encoding="utf-8")
        loaded = load(file)
        made = plan(loaded, loaded.cells[0])
        for number in range(2 * ROUNDS + 1):
            if anew:
                laboratory.close_all()
            workdir = directory / str(number)
            workdir.mkdir()
            took.append(run_loop(once(made, workdir)))
    return Figure(name, 1 / median(took[0 if anew else 1 :]), 1 / _READY_S, "1/s", "0.1 s", 1.0)


@contextlib.contextmanager
def _bare_gateway() -> Iterator[tuple[Path, Path]]:
    """The paper's gateway without its content engine, and a directory around it in which `corpus:` is found."""
    if not _GATEWAY.is_dir():
        raise Unavailable(f"no {_GATEWAY} here")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=".") as directory:
        config = Path(directory, "config").resolve()
        shutil.copytree(_GATEWAY, config, ignore=shutil.ignore_patterns("rav"))
        yield config, Path(directory)


def _against_postfix(name: str, scenario: Mapping[str, object], rate: Rate, floor: float) -> Figure:
    if reason := targets["postfix"]().missing():
        raise Unavailable(reason)
    with _bare_gateway() as (config, directory):
        file = directory / "load.yaml"
        file.write_text(_SCENARIO.format(config=config, **{"sessions": 3000, **scenario}), encoding="utf-8")
        sides = [Side(target, target, rehearse(file, Options(target=target))) for target in ("reference", "postfix")]
        ours, its = run_loop(_in_turns(sides, rate, directory))
    return Figure(name, ours, its, "1/s", "a real Postfix", floor)


async def _in_turns(sides: list[Side], rate: Rate, workdir: Path) -> tuple[float, float]:
    """Medians of both sides' rates, measured alternately."""
    wanted = sides[0].rehearsed.wanted
    with drivers(wanted.processes) as pool:
        async with contextlib.AsyncExitStack() as stack:
            up = []
            for side in sides:
                (workdir / side.label).mkdir()
                up.append(await stack.enter_async_context(started(side, workdir / side.label)))
            for one in up:
                await rate(one, pool, replace(wanted, sessions=wanted.sessions // 5))
            pairs = [(await rate(up[0], pool, wanted), await rate(up[1], pool, wanted)) for _ in range(ROUNDS)]
    return median(ours for ours, _ in pairs), median(its for _, its in pairs)


async def _refused(side: Started, pool: ProcessPoolExecutor, wanted: Load) -> float:
    seen = await under_load(pool, side.world.smtp, side.jobs, wanted, 1)
    if seen.verdicts["reject"] != seen.started or seen.errors or seen.mismatches:
        raise Unavailable(f"{side.side.label}: {seen.finished - seen.verdicts['reject']} sessions were not refused")
    return seen.finished / seen.seconds


async def _arrived(side: Started, pool: ProcessPoolExecutor, wanted: Load) -> float:
    """By the time of the last arrival, not of the last reply."""
    counts = side.world.ends.counts
    before, until = counts.messages, time.monotonic() + _ARRIVAL_S
    seen = await under_load(pool, side.world.smtp, side.jobs, wanted, 1)
    while (there := counts.messages - before) < seen.messages and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    if there != wanted.sessions:
        raise Unavailable(f"{side.side.label}: {there} of {wanted.sessions} mails arrived")
    return there / (time.monotonic() - seen.began_at)
