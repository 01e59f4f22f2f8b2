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
from pathlib import Path

HERE = Path(__file__).parent
SCENARIO = HERE / "load.yaml"
SIDES = {"a fifth slower": ["--gateway-path", str(HERE / "slower")], "unchanged": []}
WORDS = {99: "slower", 0: "equal", 6: "not known"}
LEAST_CAUGHT, MOST_ALARMS = 0.95, 0.05


def main() -> int:
    """Make the runs, print the counts; 0 if they are as they should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="of each kind (20)")
    parser.add_argument("--fail", default="gateway.cpu.session:+10%", help="the change (%(default)s)")
    parser.add_argument("--results", type=Path, help="a file of JSON lines to go on with")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as directory:
        results = options.results or Path(directory) / "results.jsonl"
        bench = [
            sys.executable,
            "-m",
            "harness",
            "bench",
            str(SCENARIO),
            "--history",
            str(Path(directory) / "h.sqlite"),
        ]
        saved = subprocess.run([*bench, "--save", "base"], capture_output=True, text=True)
        if saved.returncode:
            print(saved.stdout + saved.stderr)
            return 1
        for number in range(options.runs):
            for side, more in SIDES.items():
                command = [*bench, "--compare", "base", "--fail", options.fail, *more]
                done = subprocess.run(command, capture_output=True, text=True)
                line = next((line for line in done.stdout.splitlines() if options.fail.split(":")[0] + "  " in line[:40]
                             and "%" in line and ".." in line), done.stderr.strip())  # fmt: skip
                said = {"side": side, "fail": options.fail, "status": done.returncode, "line": " ".join(line.split())}
                with results.open("a") as file:
                    file.write(json.dumps(said) + "\n")
                print(
                    f"{number + 1:>3} {side:<15} {WORDS.get(done.returncode, done.returncode)!s:<10} {said['line']}",
                    flush=True,
                )
        return summary([json.loads(line) for line in results.read_text().splitlines()], options.fail)


def summary(all_runs: list[dict[str, object]], fail: str) -> int:
    """The counts of all runs of this change so far."""
    status = 0
    print(f"\n{fail}")
    for side in SIDES:
        statuses = Counter(run["status"] for run in all_runs if run["side"] == side and run["fail"] == fail)
        many = statuses.total()
        print(
            f"  {side:<15} {many} runs: "
            + ", ".join(f"{WORDS.get(s, s)} {n}" for s, n in sorted(statuses.items(), key=str))
        )  # type: ignore[call-overload]
        slower = statuses[99] / many if many else 0.0
        status |= slower < LEAST_CAUGHT if side != "unchanged" else slower > MOST_ALARMS
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
