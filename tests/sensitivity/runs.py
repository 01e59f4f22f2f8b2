"""runs - how often does `gauntlet bench --compare` catch a gateway that is a fifth slower, and cry wolf at one that is not?

    python tests/sensitivity/runs.py --runs 20        (or: nox -s sensitivity)

Each run is one command as a user gives it, against a baseline that was saved once; its exit status is what counts:
99 caught, 0 called equal, 6 not known.  `--results FILE` adds to what is there and sums up all of it.  Exit 1 when fewer
than 19 of 20 are caught, or more than 1 of 20 unchanged gateways are called slower.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from os import getloadavg
from pathlib import Path
from typing import Any

from harness.bench.machine import fingerprint

HERE = Path(__file__).parent
SCENARIO = HERE / "load.yaml"
SIDES = {"a fifth slower": ["--gateway-path", str(HERE / "slower")], "unchanged": []}
WORDS = {99: "slower", 0: "equal", 6: "not known"}
Run = dict[str, Any]
LEAST_CAUGHT, MOST_ALARMS = 0.95, 0.05


def main() -> int:
    """Make the runs, print the counts; 0 if they are as they should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="of each kind (20); 0: only sum up")
    parser.add_argument("--fail", default="gateway.cpu.session:+10%%", help="the change (gateway.cpu.session:+10%%)")
    parser.add_argument("--results", type=Path, help="a file of JSON lines to go on with")
    parser.add_argument("--markdown", type=Path, help="write all results as a page")
    options = parser.parse_args()
    fail = options.fail.replace("%%", "%")
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as directory:
        results = options.results or Path(directory) / "results.jsonl"
        if options.runs and not make_runs(options.runs, fail, results, Path(directory)):
            return 1
        found = [json.loads(line) for line in results.read_text().splitlines()]
    if options.markdown:
        options.markdown.write_text(page(found))
    return summary(found, fail)


def make_runs(many: int, fail: str, results: Path, directory: Path) -> bool:
    """A baseline, and so many comparisons of each kind with it, in turns; False when there is no baseline."""
    bench = [sys.executable, "-m", "harness", "bench", str(SCENARIO), "--history", str(directory / "h.sqlite")]
    saved = subprocess.run([*bench, "--save", "base"], capture_output=True, text=True)
    if saved.returncode:
        print(saved.stdout + saved.stderr)
        return False
    for number in range(many):
        for side, more in SIDES.items():
            done = subprocess.run([*bench, "--compare", "base", "--fail", fail, *more], capture_output=True, text=True)
            shown = [line.split() for line in done.stdout.splitlines() if line.startswith(f"  {fail.split(':')[0]} ")]
            row = " ".join(shown[-1]) if shown else done.stderr.strip()
            said = {"side": side, "fail": fail, "status": done.returncode, "line": row}
            with results.open("a") as file:
                file.write(json.dumps(said) + "\n")
            print(f"{number + 1:>3} {side:<15} {WORDS.get(done.returncode, done.returncode)!s:<10} {row}", flush=True)
    return True


def summary(runs: list[Run], fail: str) -> int:
    """The counts of all runs of this change so far; 0 if they are as they should be."""
    status = 0
    print(f"\n{fail}")
    for side in SIDES:
        statuses = Counter(int(run["status"]) for run in runs if run["side"] == side and run["fail"] == fail)
        many = statuses.total()
        print(f"  {side:<15} {many} runs: " + ", ".join(f"{WORDS.get(s, s)} {n}" for s, n in sorted(statuses.items())))
        slower = statuses[99] / many if many else 0.0
        status |= slower < LEAST_CAUGHT if side != "unchanged" else slower > MOST_ALARMS
    return int(status)


def page(runs: list[Run]) -> str:
    """The counts of every change, and every run, as Markdown, with the machine and the day."""
    machine, day = fingerprint(), datetime.now(UTC).strftime("%d %B %Y")
    lines = [
        "# How often a comparison is right", "",
        f"Written by `nox -s sensitivity` on {day}: {machine['processors']} processors ({machine['processor']}), "
        f"{machine['system']}, {machine['python']}. Each run is one `gauntlet bench tests/sensitivity/load.yaml --compare base "
        "--fail ...`; the gateway that is a fifth slower finds `tests/sensitivity/slower` on its path, and spins for a fifth "
        f"of the processor time it takes. Load average of the machine at the end: {getloadavg()[0]:.1f}.", "",
        "| forbidden | gateway | runs | called slower | called equal | not known |", "|---|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    changes = list(dict.fromkeys(run["fail"] for run in runs))
    for fail in changes:
        for side in SIDES:
            counts = Counter(run["status"] for run in runs if (run["side"], run["fail"]) == (side, fail))
            lines.append(f"| `{fail}` | {side} | {counts.total()} | {counts[99]} | {counts[0]} | {counts[6]} |")
    lines += ["", "Figure, before, after, change, between what it surely lies, allowed, conclusion:", "", "```"]
    lines += [f"{run['side']:<15} {run['line']}" for fail in changes for run in runs if run["fail"] == fail]
    return "\n".join([*lines, "```", ""])


if __name__ == "__main__":
    sys.exit(main())
