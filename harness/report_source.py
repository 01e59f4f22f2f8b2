"""report_source - where a report of a mail log has its lines from: files, standard input, or a replayed run. (IO)"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from harness.errors import NothingToDo, UnknownMember, UsageError
from harness.load import find_scenarios
from harness.observation import Observation
from harness.report import log_reports


def report(name: str, sources: list[str], target: str) -> int:
    """Print a report.  A source is a log file, `-`, a scenario file, or a directory of them, which are replayed.

    Raises UsageError for no such report or target, and for a log that cannot be read; ScenarioError for a scenario,
    and NothingToDo for directories without any.
    """
    try:
        made = log_reports[name]
    except UnknownMember as error:
        raise UsageError(error.what) from None
    if all(Path(source).is_dir() and not find_scenarios([Path(source)]) for source in sources):
        raise NothingToDo(f"no scenario in {', '.join(sources)}")
    text = made([line for source in sources for line in read_source(source, target)], date.today())
    print(text.encode("latin-1", "replace").decode("utf-8", "replace"), end="")
    return 0


def read_source(source: str, target: str) -> Iterable[str]:
    """The lines of one source, a character a byte."""
    if source == "-":
        return (line.decode("latin-1") for line in sys.stdin.buffer)
    path = Path(source)
    if path.is_dir() or (path.suffix == ".yaml" and path.exists()):
        return [line.encode("utf-8", "surrogateescape").decode("latin-1") for line in _replayed(path, target)]
    try:
        return path.read_text("latin-1").split("\n")
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}") from None


def log_of(observation: Observation, clock_at: float) -> list[str]:
    """The log of a run as lines, each stamped with the scenario's clock: that stands still while it runs."""
    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(clock_at))
    lines = []
    for line in observation.log or ():
        program = line.program if line.program == "ravmd" else f"postfix/{line.program}"
        lines.append(f"{stamp} gw {program}[1]: {line.text}")
    return lines


def _replayed(path: Path, target: str) -> Iterator[str]:
    """The logs of every cell of every scenario, each mail under a queue id of its own."""
    from harness.cell import known_target, run_loop
    from harness.load import load
    from harness.plan import plan
    from harness.run import run

    kind = known_target(target, ours=True)
    for file in find_scenarios([path]):
        loaded = load(file)
        for cell in loaded.cells:
            made = plan(loaded, cell)
            with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
                observation = run_loop(run(made, kind, Path(workdir)))
            yield from log_of(observation, made.clock_at)
