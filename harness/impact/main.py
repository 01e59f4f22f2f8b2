"""main - `gauntlet impact`, `coverage` and `mutate`: from names of rule sets to a report and an exit status."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cell import known_target
from harness.corpus.sample import Sample
from harness.errors import NothingToDo, UsageError, did_you_mean
from harness.impact.agreement import read_agreements
from harness.impact.causes import Tally, to_plain
from harness.impact.diff import HARMS
from harness.impact.export import Rows
from harness.impact.judge_shard import Job
from harness.impact.report import markdown_report, text_report
from harness.impact.ruleset import checked_out
from harness.impact.shards import judge_all
from harness.impact.source import SHARD, shards_of, sources
from harness.output import writable, write

FORBIDDEN = 10  # exit status: a harm that was forbidden


@dataclass(frozen=True)
class Options:
    """The command line of `gauntlet impact`."""

    old: str
    new: str
    corpus: Sequence[str] = ("scenarios",)
    zones: Sequence[str] = ()
    fail_on: Sequence[str] = ()
    expect: str | None = None
    target: str = "direct"
    noise: int = 2
    processes: int = 0  # one for each processor
    scheduler: str = ""
    state: str | None = None
    shard: int = SHARD
    jsonl: str | None = None
    parquet: str | None = None
    markdown: str | None = None
    json: str | None = None  # the tally
    most: int = 20


def impact(options: Options) -> int:
    """Say whose mail changes fate; 10 when a forbidden harm is among it.  Raises HarnessError."""
    forbidden = [harm for entry in options.fail_on for harm in entry.split(",") if harm]
    for harm in forbidden:
        if harm not in HARMS:
            raise UsageError(f"--fail-on: no harm {harm!r}{did_you_mean(harm, HARMS)}")
    if options.target != "direct":
        known_target(options.target, ours=True)
    writable(options.jsonl, options.parquet, options.markdown, options.json)
    agreements = read_agreements(Path(options.expect)) if options.expect else ()
    rows = Rows(_path(options.jsonl), _path(options.parquet))
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        old = checked_out(options.old, options.new, Path(workdir))
        new = checked_out(options.new, options.old, Path(workdir))
        shards = list(shards_of([Path(p) for p in options.corpus], tuple(options.zones), options.shard))
        job = Job(str(old), str(new), options.noise, agreements, rows.wanted, options.target)
        with rows:
            tally = judge_all(
                job, shards, jobs=options.processes, scheduler=options.scheduler, state=_path(options.state),
                write=rows.write if rows.wanted else None,
            )  # fmt: skip
    print("\n".join(text_report(options.old, options.new, tally, agreements, options.most)))
    if options.markdown:
        lines = markdown_report(options.old, options.new, tally, agreements, options.most)
        write(options.markdown, "\n".join(lines) + "\n")
    if options.json:
        write(options.json, json.dumps(to_plain(tally), indent=1) + "\n")
    if rows.trouble:
        print(f"gauntlet: {rows.trouble}: the rows of {rows.missing:,} sessions are missing")
    return _status(tally, forbidden) or int(bool(rows.trouble))


def coverage(
    config: str,
    corpus: Sequence[str],
    zones: Sequence[str],
    *,
    json_file: str | None,
    lcov: str | None,
    cobertura: str | None,
    fail_under: float,
) -> int:
    """Print which lines matched; 1 when it is less than `fail_under` percent.  Raises HarnessError."""
    from harness.impact.coverage import coverage_of
    from harness.impact.coverage_report import cobertura_report, json_report, lcov_report, text_report

    writable(json_file, lcov, cobertura)
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        directory = checked_out(config, config, Path(workdir))
        found = coverage_of(directory, shards_of([Path(p) for p in corpus], tuple(zones)))
        print("\n".join(text_report(found)))
        if json_file:
            write(json_file, json_report(found))
        if lcov:
            write(lcov, lcov_report(found, directory))
        if cobertura:
            write(cobertura, cobertura_report(found, directory))
    if not found.sessions:
        return NothingToDo.exit_status
    return 1 if found.failed or found.percent < fail_under else 0


def mutate(config: str, corpus: Sequence[str], zones: Sequence[str], *, processes: int, fail_under: float) -> int:
    """Print the mutants that no session noticed; 1 when the score is below `fail_under` or a session failed, 5 where
    there was nothing to notice, or nobody to notice it.  Raises HarnessError.
    """
    from harness.impact.mutate import DOES_NOT_LOAD, run_all, score, text_report

    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        directory = checked_out(config, config, Path(workdir))
        shards = list(shards_of([Path(p) for p in corpus], tuple(zones)))
        if not any(isinstance(one, Sample) for shard in shards for one in sources[shard.source]().samples(shard)):
            print("gauntlet: no session in this corpus that can be read")
            return NothingToDo.exit_status
        outcomes = run_all(directory, shards, processes)
    print("\n".join(text_report(outcomes)))
    if all(one.killer == DOES_NOT_LOAD for one in outcomes):  # nothing was asked, and nothing is no success
        return NothingToDo.exit_status
    return 1 if outcomes[0].failed or score(outcomes) < fail_under else 0


def _status(tally: Tally, forbidden: Sequence[str]) -> int:
    if not tally.sessions:
        print("gauntlet: no session in this corpus")
        return NothingToDo.exit_status
    found = [(harm, tally.harmful(harm)) for harm in HARMS if harm in forbidden and tally.harmful(harm)]
    if found:
        print(f"gauntlet: forbidden: {', '.join(f'{harm} {count:,}' for harm, count in found)}")
        return FORBIDDEN
    return 1 if tally.failed else 0


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)
