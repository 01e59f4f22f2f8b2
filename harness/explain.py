"""explain - what decided a session: every rule that was asked, with file:line, what it said, and the replies."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from harness.cell import known_target, run_loop
from harness.errors import UsageError, did_you_mean
from harness.load import Cell, load, named
from harness.observation import AskedRule, SessionSeen
from harness.plan import plan
from harness.run import run


def explain(file: str, session: str | None, target: str) -> int:
    """Print the trace of one session, or of all, in every cell.

    Raises UsageError for a session that is not there, ScenarioError, ConfigError and TargetError.
    """
    loaded = load(named(file))
    kind = known_target(target)
    known = [one.id for cell in loaded.cells for _, one in loaded.sessions(cell)]
    if session is not None and session not in known:
        raise UsageError(f"{file}: no session {session!r}{did_you_mean(session, known)}")
    for cell in loaded.cells:
        if session is None:
            loaded.require_sessions(cell)
        wanted = [one.id for _, one in loaded.sessions(cell) if session in (None, one.id)]
        if wanted:
            with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
                seen = run_loop(run(plan(loaded, cell), kind, Path(workdir), wanted)).sessions
            for one in seen:
                print("\n".join(explained(one, cell)), end="\n\n")
    return 0


def explained(seen: SessionSeen, cell: Cell = ()) -> Iterator[str]:
    """The lines for one session."""
    yield f"{seen.id}{''.join(f' [{name}={value}]' for name, value in cell)}: {seen.verdict}"
    for exchange in seen.exchanges:
        said = "(hung up)" if exchange.reply is None else str(exchange.reply).splitlines()[-1]
        yield f"  {exchange.phase:<12} {said}"
    if seen.trace is None:
        yield "  (this target keeps no trace)"
        return
    for (phase, place), rules in groupby(seen.trace, key=lambda asked: (asked.phase, asked.place)):
        yield f"  {phase}: {place}"
        for asked in rules:
            yield from _rule(asked)
    for notification in seen.notifications or ():
        yield f"  told: {notification.to or '<>'} ({notification.kind}): {notification.subject}"
    for kept in seen.quarantine or ():
        yield f"  kept: {kept.path} as {kept.name}: {kept.reason}"


def _rule(asked: AskedRule) -> Iterator[str]:
    place = f"{asked.rule.file}:{asked.rule.line}" if asked.rule.line else asked.rule.file
    yield f"  {'->' if asked.decided else '  '} {place:<28} {asked.element}"
    yield f"     {'':<28} {asked.said}"
