"""gate - `gauntlet run`: scenarios through pytest and our plugin, what is printed, and the exit status. (IO)"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.cell import target_of
from harness.clock import process_started_at
from harness.errors import NothingToDo, UsageError
from harness.output import writable
from harness.report import WHOLE
from harness.reports.terminal import attack_families, not_checked, terminal

_INTERNAL_ERROR, _INTERRUPTED = 70, 130  # as sysexits.h and shells have them
_QUIET = (
    "-qq", "--no-summary", "--tb=short", "-p", "no:cacheprovider", "-p", "no:unraisableexception",
    "-p", "harness.pytest_plugin", "-c", os.devnull,
    "--import-mode=importlib", "--noconftest", "-o", "python_files=", "--gauntlet-all",
    "--continue-on-collection-errors",
)  # fmt: skip


def gate(options: argparse.Namespace) -> int:
    """Replay, judge and print; gives the exit status.  Raises UsageError for a path or a target that is not there,
    NothingToDo where there is no session.
    """
    for path in options.paths:
        if not Path(path.partition("::")[0]).exists():
            raise UsageError(f"no such scenario file or directory: {path!r}")
    for name in options.target:
        target_of(name)
    writable(options.jsonl, options.junit)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the user's other plugins have no business here
    door = _Door()
    said = pytest.main(arguments(options), plugins=[door])
    door.tell()
    return door.status(said)


def arguments(options: argparse.Namespace) -> list[str]:
    """The command line of pytest that does what the options of `gauntlet run` say."""
    made = [*options.paths, *_QUIET, f"--rootdir={Path.cwd()}"]
    for name, value in (("-k", options.k), ("-m", options.m), ("-n", options.processes)):
        made += [] if value is None else [name, str(value)]
    made += [] if options.processes is None else ["-p", "xdist", "--dist", "loadfile"]
    made += [f"--gauntlet-target={target}" for target in options.target]
    for flag, value in (
        ("--gauntlet-jsonl", options.jsonl), ("--junit-xml", options.junit), ("--gauntlet-seed", options.seed),
    ):  # fmt: skip
        made += [] if value is None else [f"{flag}={value}"]
    return made + [flag for flag, on in (("--gauntlet-update-golden", options.update_golden), ("-x", options.x)) if on]


class _Door:
    """Listens to pytest in the process that talks to the user: progress, failures, and how it all ended."""

    def __init__(self) -> None:
        self.config: pytest.Config | None = None
        self.began = time.monotonic()
        self.interrupted = False
        self.done = self.failed = self.collected = 0
        self.failures: dict[str, None] = {}  # each text once, in the order of their coming
        self.mistakes: dict[str, None] = {}  # of the user: one line each
        self.outcomes: set[str] = set()

    # The hooks of pytest.

    def pytest_configure(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_keyboard_interrupt(self) -> None:
        self.interrupted = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected = len(session.items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failed(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dots: the table tells, and on a terminal one line that counts."""
        return (report.outcome if report.when == "call" or not report.passed else "", "", "")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.done += 1
            self.outcomes.add(report.outcome)
            if report.failed:
                self.failed += 1
                self._failed(report)
            if self.config is not None and sys.__stdout__ is not None and sys.__stdout__.isatty():
                self._progress(report.nodeid)

    def _failed(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        mistake = self.results.mistake(report)
        (self.mistakes if mistake else self.failures).setdefault(mistake or report.longreprtext)

    # What the user sees.

    @property
    def results(self) -> Any:
        """The part of our plugin that keeps rows and exit statuses."""
        assert self.config is not None
        return self.config.pluginmanager.get_plugin("gauntlet-results")

    def tell(self) -> None:
        """Print each failure once, the table, and how long it took."""
        if self.config is None:
            return
        for text in self.failures:
            print(f"{text}\n")
        for text in self.mistakes:
            print(f"gauntlet: {text}", file=sys.stderr)
        if rows := self.results.rows:
            sessions = sum(row["session"] != WHOLE for row in rows)
            first = self.results.first_at
            so_soon = "" if first is None else f", the first {first - process_started_at():.2f} s after start"
            print(terminal(rows), end="")
            print(not_checked(rows), end="")
            print(attack_families(rows), end="")
            for target in map(target_of, self.config.option.gauntlet_target):
                if not target.ours:
                    print(f"{target.name} is judged by its replies alone: gateway, dns and next_hop are its own")
            print(f"{sessions} sessions in {time.monotonic() - self.began:.2f} s{so_soon}")

    def status(self, said: int) -> int:
        """The exit status, from pytest's own and from what the items ran into.  Raises NothingToDo."""
        if self.interrupted:
            return _INTERRUPTED
        if self.config is not None and self.results.exits:
            return int(max(self.results.exits))
        match said:
            case pytest.ExitCode.NO_TESTS_COLLECTED:
                raise NothingToDo("no session in what was named, or none that -k and -m choose")
            case pytest.ExitCode.USAGE_ERROR:
                return UsageError.exit_status
            case pytest.ExitCode.INTERNAL_ERROR:
                return _INTERNAL_ERROR
            case pytest.ExitCode.OK if self.outcomes <= {"skipped"}:
                return NothingToDo.exit_status
        return int(said)

    def _progress(self, nodeid: str) -> None:
        """One line, written over and over: how many are done, and where we are."""
        assert self.config is not None
        writer = self.config.get_terminal_writer()
        failed = f", {self.failed} failed" if self.failed else ""
        text = f"{self.done}/{self.collected}{failed}  {nodeid}" if self.done < self.collected else ""
        writer.write(f"\r\x1b[K{text[: writer.fullwidth - 1]}", flush=True)
