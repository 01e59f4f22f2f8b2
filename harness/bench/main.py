"""main - `gauntlet bench`: the suite of ratios, or the load of scenarios; a table, and the exit status."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.bench.benchmark import Unavailable, benchmarks
from harness.bench.loadtest import load_scenario
from harness.bench.outcome import BREACHED, GRAVITY, INCONCLUSIVE
from harness.bench.rehearsal import Options
from harness.bench.table import outcome_text
from harness.errors import UsageError, did_you_mean
from harness.load import find_scenarios, load


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


def scenarios(paths: Sequence[str], targets: Sequence[str], options: Options) -> int:
    """Run the load of each scenario on each target; the gravest of their statuses.

    Raises ScenarioError, ConfigError, TargetError, UsageError, and FailsQuietly.
    """
    files = find_scenarios(map(Path, paths))
    if any(Path(path).is_dir() for path in paths):  # in a directory, those that have a load
        files = [file for file in files if str(file) in paths or "load" in load(file).data]
    if not files:
        raise UsageError(f"no scenario with a `load:` in {', '.join(paths)}")
    statuses = []
    for file in files:
        for target in targets or ["reference"]:
            outcome = load_scenario(file, Options(**{**vars(options), "target": target}))
            print(outcome_text(outcome), flush=True)
            statuses.append(outcome.status)
    return max(statuses, key=GRAVITY.index)
