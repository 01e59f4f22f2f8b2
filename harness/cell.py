"""cell - one matrix cell of a scenario on one target: its world is started once, for all its items. (IO)"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import HarnessError, UsageError
from harness.judge import judge
from harness.load import Cell, Loaded
from harness.observation import Observation
from harness.plan import Plan, plan, scenario_name
from harness.result import Finding, ScenarioResult, SessionResult, Status
from harness.run import run
from harness.scenario import Session
from harness.scratch import scratch
from harness.target import Target, targets

Value = TypeVar("Value")


class CellRun:
    """Runs on the first question, then only answers."""

    def __init__(self, loaded: Loaded, cell: Cell, target: str, *, seed: int | None, update_golden: bool) -> None:
        self.loaded, self.cell, self.target_name = loaded, cell, target
        self.seed, self.update_golden = seed, update_golden
        self.wanted: set[str] = set()  # session ids that were selected; none: all of them
        self.first_at: float | None = None  # when the first session was over, in s since the epoch
        self._outcome: ScenarioResult | Exception | None = None

    @cached_property
    def target(self) -> Target:
        """The target.  Raises UsageError."""
        return target_of(self.target_name)

    @cached_property
    def plan(self) -> Plan:
        """The plan of this cell.  Raises ScenarioError."""
        return plan(self.loaded, self.cell, self.seed)

    def result(self) -> ScenarioResult:
        """What came of the selected sessions.  Raises, each time, what kept the cell from running: a HarnessError."""
        if self._outcome is None:
            try:
                self._outcome = judge(self.plan, self._observe())
            except Exception as error:  # kept, so that the cell is not run again for each of its items
                self._outcome = error
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def unrun(self, session: Session, error: HarnessError) -> SessionResult:
        """The result of a session that was never replayed, because of this error."""
        scenario = self.loaded.scenario(self.cell)
        finding = Finding("session", Status.ERROR, "a session that was replayed", str(error))
        return SessionResult(
            scenario_name(scenario, self.loaded.file), self.cell, session.id, self.target_name, Status.ERROR,
            (finding,), None, (*scenario.tags, *session.tags),
        )  # fmt: skip

    def _observe(self) -> Observation:
        with scratch() as workdir:
            observation = run_loop(run(self.plan, self.target, Path(workdir), self.wanted or None))
        self.first_at = observation.first_at
        extra = {**observation.extra, **({"update_golden": "yes"} if self.update_golden else {})}
        return replace(observation, extra=extra)


def kind_of(written: str) -> str:
    """The kind of a target as it is written: `remote` of `remote:192.0.2.1:25`."""
    return written.partition(":")[0]


def target_of(written: str) -> Target:
    """The target that NAME or NAME:PLACE means.  Raises UsageError."""
    name, _, place = written.partition(":")
    if name not in targets:
        raise UsageError(targets.unknown(name))
    kind = targets[name]
    if bool(place) != bool(kind.takes):
        how = f"it is written {name}:{kind.takes}" if kind.takes else f"it takes nothing, got {place!r}"
        raise UsageError(f"target {name}: {how}")
    return kind(place) if place else kind()


def known_target(name: str, *, ours: bool = False) -> Target:
    """The target of this name, if it can run here; `ours`: and takes a configuration of ours.  Raises UsageError."""
    target = target_of(name)
    if ours and not target.ours:
        raise UsageError(f"target {name}: it has a configuration of its own, and takes none of ours")
    if reason := target.missing():
        raise UsageError(f"target {name}: {reason}")
    return target


def run_loop(work: Coroutine[Any, Any, Value]) -> Value:
    """Run a coroutine to its end on a loop of its own: uvloop's where that exists."""
    done: list[Value] = []

    async def keep() -> None:
        # The task itself gives nothing: what it gave, asyncio.Runner would have written out in full, for an error
        # message inside of signal.getsignal() that nobody sees.
        done.append(await work)

    try:
        import uvloop
    except ImportError:  # not on Windows
        asyncio.run(keep())
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(keep())
    return done[0]
