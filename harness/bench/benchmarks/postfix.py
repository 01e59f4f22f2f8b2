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
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.loadtest import drivers
from harness.bench.measure import ROUNDS
from harness.bench.rehearsal import Options, rehearse
from harness.bench.side import Side, Started, started, under_load
from harness.cell import run_loop
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

Rate = Callable[[Started, ProcessPoolExecutor, Load], Awaitable[float]]


@benchmarks.register("rejected")
def rejected() -> Figure:
    """Sessions a second of a client that the first blocklist of the paper's rules knows.  Raises Unavailable."""
    return _against_postfix("rejected", {"listed": "127.0.0.1", "verdict": "reject", "sessions": 3000}, _refused, 2.5)


@benchmarks.register("relayed")
def relayed() -> Figure:
    """Mails of 1 KiB a second, until all are at the next hop.  Raises Unavailable."""
    return _against_postfix("relayed", {"listed": "192.0.2.66", "verdict": "accept", "sessions": 1000}, _arrived, 3.0)


def _against_postfix(name: str, scenario: dict[str, object], rate: Rate, floor: float) -> Figure:
    if reason := targets["postfix"]().missing():
        raise Unavailable(reason)
    if not _GATEWAY.is_dir():
        raise Unavailable(f"no {_GATEWAY} here")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=".") as directory:  # `corpus:` is looked for above it
        config, file = Path(directory, "config").resolve(), Path(directory, "load.yaml")
        shutil.copytree(_GATEWAY, config, ignore=shutil.ignore_patterns("rav"))
        file.write_text(_SCENARIO.format(config=config, **scenario), encoding="utf-8")
        sides = [Side(target, target, rehearse(file, Options(target=target))) for target in ("reference", "postfix")]
        ours, its = run_loop(_in_turns(sides, rate, Path(directory)))
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
