"""main - `gauntlet bench`: the suite of ratios, or the load of scenarios; a table, and the exit status. (IO)"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from os import getloadavg
from pathlib import Path
from shlex import quote

from harness.bench.benchmark import Unavailable, benchmarks
from harness.bench.change import Change, parse_change
from harness.bench.compare import Comparison
from harness.bench.hdr_log import Interval, hdr_log
from harness.bench.history import openable, save
from harness.bench.loadtest import load_sides
from harness.bench.machine import fingerprint
from harness.bench.outcome import BREACHED, GRAVITY, INCONCLUSIVE, STOPPED, Outcome
from harness.bench.rehearsal import Options, rehearse
from harness.bench.result_file import result_json
from harness.bench.saturate import saturate
from harness.bench.side import Side
from harness.bench.table import STEPS, outcome_text, saturation_text, step_line
from harness.bench.versus import DEFAULT_CHANGES, PAIRS, Versus, in_turns, kept, with_saved
from harness.bench.versus_table import beside_text, page, versus_text
from harness.errors import NothingToDo, UsageError, did_you_mean
from harness.load import find_scenarios, load
from harness.output import writable, write


@dataclass(frozen=True)
class Asked:
    """What is to be done with the load of a scenario, beside what the scenario says."""

    targets: Sequence[str] = ()
    save: str = ""
    compare: str = ""
    against: str = ""
    fail: Sequence[str] = ()
    pairs: int = 0
    history: str = ""
    program: str = ""  # where else the gateway's modules are looked for
    hdr: str = ""
    markdown: str = ""
    command: Sequence[str] = ()
    keep_going: bool = False
    saturate: bool = False
    json: str = ""


def suite(only: Sequence[str] = ()) -> int:
    """Measure the members of benchmarks/, all or some; one line each.

    Gives 0, 99 when a ratio is below its floor, 6 when the harness was too slow to tell.  Raises UsageError.
    """
    for name in only:
        if name not in benchmarks:
            raise UsageError(f"no benchmark {name!r}{did_you_mean(name, benchmarks)}")
    print(f"{'benchmark':<13} {'ours':>10} {'peer':>10}  {'unit':<9} {'ratio':>6}  {'floor':>5}  peer")
    status = 0
    for name in only or benchmarks:
        try:
            figure = benchmarks[name]()
        except Unavailable as error:
            print(f"{name:<13} skipped: {error}")
            continue
        floor = "-" if figure.floor is None else f"{figure.floor:.2f}"
        said = ""
        if not figure.met:
            status, said = BREACHED, f"  MISSED {figure.failed}".rstrip()
        if figure.overloaded:
            status, said = status or INCONCLUSIVE, f"{said}  INCONCLUSIVE: {figure.overloaded}"
        print(
            f"{figure.name:<13} {figure.ours:>10.1f} {figure.peer:>10.1f}  {figure.unit:<9} {figure.ratio:>6.2f}  "
            f"{floor:>5}  {figure.peer_name}{said}",
            flush=True,
        )
    return status


def scenarios(paths: Sequence[str], options: Options, asked: Asked) -> int:
    """Run the load of each scenario as asked; the gravest of their statuses.

    Raises ScenarioError, ConfigError, TargetError, UsageError, and FailsQuietly.
    """
    files = find_scenarios(map(Path, paths))
    if any(Path(path).is_dir() for path in paths):  # in a directory, those that have a load
        files = [file for file in files if str(file) in paths or "load" in load(file).data]
    if not files:
        raise NothingToDo(f"no scenario with a `load:` in {', '.join(paths)}")
    changes = _changes(asked)
    if len(files) > 1 and (written := [name for name in ("json", "hdr", "markdown") if getattr(asked, name)]):
        raise UsageError(f"--{', --'.join(written)}: of one scenario; {len(files)} have a load here")
    writable(asked.json, asked.hdr, asked.markdown)
    if asked.save:
        openable(Path(asked.history))
    statuses = [0]
    for file in files:
        statuses.append(_bench(file, options, asked, changes))
        if statuses[-1] == STOPPED:
            break
    return max(statuses, key=GRAVITY.index)


def _changes(asked: Asked) -> Sequence[Change]:
    if asked.compare and asked.against:
        raise UsageError("--compare and --against are two ways to name the other side: one of them")
    if len(asked.targets) > 1 and (asked.compare or asked.against or asked.save):
        raise UsageError("--save, --compare and --against are for one target")
    if asked.saturate and (asked.save or asked.compare or asked.against or len(asked.targets) > 1):
        raise UsageError("--saturate is for one target, and nothing is saved or compared")
    if asked.saturate and (asked.json or asked.hdr or asked.markdown or asked.pairs or asked.keep_going):
        raise UsageError("--saturate prints its steps, and takes no --json, --hdr, --markdown, --pairs or --keep-going")
    if asked.fail and not (asked.compare or asked.against or len(asked.targets) > 1):
        raise UsageError("--fail names a change; --compare NAME, --against DIR or a second --target says from what")
    if asked.against and not (Path(asked.against) / "main.cf").is_file():
        raise UsageError(f"--against {asked.against}: no main.cf there")
    if asked.program and set(asked.targets) - {"reference"}:
        raise UsageError("--gateway-path is for the reference gateway")
    if asked.program and asked.against:
        raise UsageError("--gateway-path with --against changes program and configuration at once: one after the other")
    if asked.program and not Path(asked.program).is_dir():
        raise UsageError(f"--gateway-path {asked.program}: no such directory")
    try:
        given = [parse_change(text) for text in asked.fail]
    except ValueError as error:
        raise UsageError(f"--fail: {error}") from None
    return given or ([] if len(asked.targets) > 1 else DEFAULT_CHANGES)


def _bench(file: Path, options: Options, asked: Asked, changes: Sequence[Change]) -> int:
    targets = list(asked.targets) or ["reference"]
    options = replace(options, target=targets[-1])
    pairs = asked.pairs or PAIRS
    began_at = time.time()
    if asked.compare:
        base = Path(asked.history)
        versus = with_saved(file, options, asked.compare, changes, base=base, program=asked.program, pairs=pairs)
        return _tell_versus(versus, asked, began_at)
    new = Side(targets[-1], targets[-1], rehearse(file, options), asked.program)
    if asked.saturate:
        print(f"{new.rehearsed.made.name} on {new.label}: the highest rate that meets the thresholds")
        print(STEPS, flush=True)
        found = saturate(new, lambda probe: print(step_line(probe), flush=True))
        print(saturation_text(found), flush=True)
        return found.status
    if asked.against:
        old = Side(asked.against, new.target, rehearse(file, options, Path(asked.against)))
        return _tell_versus(in_turns(old, replace(new, label="now"), changes, pairs=pairs), asked, began_at)
    if len(targets) > 1:
        others = [Side(name, name, rehearse(file, replace(options, target=name))) for name in targets[:-1]]
        if changes:
            return _tell_versus(in_turns(others[0], new, changes, pairs=pairs), asked, began_at)
        outcomes = load_sides([*others, new], rounds=asked.pairs)
        _tell(outcomes, asked, began_at)
        return max((one.status for one in outcomes), key=GRAVITY.index)
    (outcome,) = load_sides([new], rounds=asked.pairs or (PAIRS if asked.save else 0), keep_going=asked.keep_going)
    _tell([outcome], asked, began_at)
    if asked.save:
        save(Path(asked.history), kept(outcome, new, asked.save))
        print(f"  saved as {asked.save!r} in {asked.history}")
    return outcome.status


def _tell(outcomes: Sequence[Outcome], asked: Asked, began_at: float, comparisons: Sequence[Comparison] = ()) -> None:
    print(outcome_text(outcomes[0]) if len(outcomes) == 1 else beside_text(outcomes), flush=True)
    if asked.markdown:
        when = f"{datetime.now(UTC):%d %B %Y} (load average {getloadavg()[0]:.1f})"
        command = f"gauntlet {' '.join(map(quote, asked.command))}"
        write(asked.markdown, page(outcomes[0].scenario, outcomes, fingerprint(), when, command))
    if asked.json:
        write(asked.json, result_json(outcomes, comparisons))
    if asked.hdr:
        write(asked.hdr, hdr_log(began_at, _intervals(outcomes)))


def _tell_versus(versus: Versus, asked: Asked, began_at: float) -> int:
    _tell(versus.outcomes, asked, began_at, versus.comparisons)
    print(versus_text(versus), flush=True)
    return versus.status


def _intervals(outcomes: Sequence[Outcome]) -> list[Interval]:
    """Each phase of each side, block by block; sides are laid one after the other in time."""
    found, at = [], 0.0
    for outcome in outcomes:
        for block in outcome.blocks:
            seconds = block.amounts["seconds"]
            for phase, histogram in block.latency.items():
                tag = f"{outcome.target}.{phase}".replace(",", "_").replace(" ", "_")
                found.append(Interval(tag, at, seconds, histogram))
            at += seconds
    return found
