"""rehearsal - a scenario's sessions replayed quietly, so that it is known what each must get under load. (IO)"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.bench.workload import Job, job_of
from harness.cell import known_target, run_loop
from harness.errors import HarnessError, ScenarioError, UsageError
from harness.judge import judge
from harness.load import Loaded, load
from harness.observation import Observation
from harness.plan import Plan, plan
from harness.recorded import arrivals_of
from harness.replay.script import duration
from harness.result import Status
from harness.run import run
from harness.scenario import Load


@dataclass(frozen=True)
class Options:
    """What the command line says on top of the scenario."""

    target: str = "reference"
    arrivals: str = ""
    duration: str = ""
    processes: int = 0
    connections: int = 0


@dataclass(frozen=True)
class Rehearsed:
    """The plan, the load that is wanted, and the jobs it is made of, each with the codes it gets when all is quiet."""

    made: Plan
    wanted: Load
    jobs: tuple[Job, ...]


class FailsQuietly(HarnessError):
    """The scenario does not hold without load: nothing is to be learnt from load."""

    exit_status = 1


def rehearse(
    file: Path, options: Options, config: Path | None = None, parts: Mapping[str, Any] | None = None
) -> Rehearsed:
    """Replay a scenario's sessions and keep their codes; what the scenario expects of them must hold.

    With another configuration than its own, and perhaps another `set`, `rav` and `files`, nothing is expected: what
    its sessions get there is what they get.
    Raises ScenarioError, ConfigError, TargetError, UsageError, FailsQuietly.
    """
    loaded = load(file)
    made = plan(loaded, loaded.cells[0])
    if config is not None:
        made = replace(made, config=config, **(parts or {}))
    if made.scenario.load is None:
        raise loaded.fault((), "has no `load:`, so there is nothing to bench")
    wanted = _chosen(loaded, made.scenario.load, options)
    jobs = _jobs(loaded, made, wanted)
    ids = [job.id for job in jobs]
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        seen = run_loop(run(made, known_target(options.target, ours=config is not None), Path(workdir), ids))
    if config is None:
        _must_hold(made, seen, ids)
    codes = {one.id: tuple(e.reply.code for e in one.exchanges if e.reply is not None) for one in seen.sessions}
    played = tuple(replace(job, codes=codes[job.id]) for job in jobs if codes[job.id])
    if not played:
        raise loaded.fault(
            ("load",), f"target {options.target} cannot be told who the clients are; no session says anything"
        )
    return Rehearsed(made, wanted, played)


def _chosen(loaded: Loaded, wanted: Load, options: Options) -> Load:
    names = ("arrivals", "duration", "processes", "connections")
    changes = {name: value for name in names if (value := getattr(options, name))}
    if options.duration:  # the command line says how much, not the scenario
        changes["sessions"] = 0
    try:  # what the scenario says was looked at when it was loaded
        seconds = duration(options.duration) if options.duration else 0.0
        if options.duration and not seconds:
            raise ValueError("a load that takes no time has no session")
        arrivals = arrivals_of(options.arrivals, Path()) if options.arrivals else None
    except (ValueError, ScenarioError) as error:
        raise UsageError(f"--rate or --duration: {error}") from None
    if arrivals is None and wanted.arrivals:
        arrivals = arrivals_of(wanted.arrivals, loaded.file.parent)
    if arrivals is not None:
        changes["arrivals"] = arrivals.text
        if arrivals.shape == "at" and not seconds and not wanted.duration:
            changes |= {"duration": f"{arrivals.numbers[-1] + 1:.6f}s", "sessions": 0}
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


def _must_hold(made: Plan, seen: Observation, ids: list[str]) -> None:
    wrong = [
        f"{one.session}: {finding.expectation}: expected {finding.expected}, got {finding.seen}"
        for one in judge(made, seen).sessions
        if one.session in ids
        for finding in one.findings
        if finding.status in (Status.FAILED, Status.ERROR)
    ]
    if wrong:
        raise FailsQuietly(f"fails without any load: {wrong[0]}", file=str(made.file))
