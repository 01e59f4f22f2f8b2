"""versus - the same load on two sides in turns, figure by figure held against each other. (IO)

Where what was saved can still be run - its configuration is in the history, its program where it was - both sides are
run now, in short blocks in turns: a busy neighbour then hits both.  Where it cannot, what was saved is all there is,
and the machine's own speed at both times decides whether it says anything.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.bench import history
from harness.bench.change import Change
from harness.bench.compare import Comparison, Conclusion, compare
from harness.bench.loadtest import Blocks, load_sides
from harness.bench.machine import differences, fingerprint
from harness.bench.outcome import BREACHED, DIED, GRAVITY, INCONCLUSIVE, Outcome
from harness.bench.program import identify, run_again
from harness.bench.rehearsal import Options, Rehearsed, rehearse
from harness.bench.side import Side

PAIRS = 12
_LOOKS = 3  # at most; each must be surer, for one of three is fooled by chance more often than one of one
_CONFIDENCE = 1 - 0.05 / _LOOKS
_STATUS = {Conclusion.HOLDS: 0, Conclusion.INCONCLUSIVE: INCONCLUSIVE, Conclusion.WORSE: BREACHED}
DEFAULT_CHANGES = (Change("gateway.cpu.session:+10%", "gateway.cpu.session", 0.1),)


@dataclass(frozen=True)
class Versus:
    """What came of a comparison: both outcomes (one where the other side was not run), and each figure's fate."""

    old: str
    outcomes: tuple[Outcome, ...]
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The gravest of what the new side deserves, what the comparisons say, and that a side died on the way."""
        said = [_STATUS[one.conclusion] for one in self.comparisons]
        said += [DIED for one in self.outcomes if one.ended]
        return max([self.outcomes[-1].status, *said], key=GRAVITY.index)


def in_turns(
    old: Side, new: Side, changes: Sequence[Change], *, pairs: int = PAIRS, notes: Sequence[str] = ()
) -> Versus:
    """Both sides, now.  Goes on, at most to three times as many pairs, until every figure's fate is clear."""
    looks = 0

    def compared(blocks: Blocks) -> tuple[Comparison, ...]:
        return tuple(compare(change, *blocks, confidence=_CONFIDENCE) for change in changes)

    def enough(blocks: Blocks) -> bool:
        nonlocal looks
        looks += 1
        return looks == _LOOKS or all(one.conclusion is not Conclusion.INCONCLUSIVE for one in compared(blocks))

    outcomes = load_sides([old, new], rounds=pairs, enough=enough, beside=False)
    told = (*notes, *_other_answers(old, new))
    return Versus(old.label, tuple(outcomes), compared([one.blocks for one in outcomes]), told)


def _other_answers(old: Side, new: Side) -> Iterator[str]:
    """Sessions that do not get the same codes on both sides: what they take is no comparison."""
    before = {job.id: job.codes for job in old.rehearsed.jobs}
    for job in new.rehearsed.jobs:
        if (then := before.get(job.id)) and job.codes and then != job.codes:
            said = f"gets {' '.join(map(str, then))} of {old.label}, {' '.join(map(str, job.codes))} of {new.label}"
            yield f"session {job.id} {said}: not the same work"


def with_saved(
    file: Path,
    options: Options,
    name: str,
    changes: Sequence[Change],
    *,
    base: Path,
    program: str = "",
    pairs: int = PAIRS,
) -> Versus:
    """What is there now against the run of this name.  Raises HarnessError for none, and as load_scenario."""
    rehearsed = rehearse(file, options)
    saved = history.recall(base, name, rehearsed.made.name, options.target)
    new = Side("now", options.target, rehearsed, program)
    elsewhere = differences(saved.machine, fingerprint())
    path, why = run_again(options.target, saved.program)
    if not why:
        note = [f"{name} was saved on another machine ({elsewhere}); both sides were run here"] if elsewhere else []
        with tempfile.TemporaryDirectory(prefix="gauntlet-") as directory:
            history.unpack(saved.configuration, Path(directory))
            old = Side(name, options.target, _as_it_was(rehearsed, saved, file, options, Path(directory)), path)
            return in_turns(old, new, changes, pairs=pairs, notes=note)
    (outcome,) = load_sides([new], rounds=pairs, beside=False)
    if elsewhere:
        reason = f"{name} was saved on another machine ({elsewhere}), and {why}"
        found = [Comparison(one, None, None, None, Conclusion.INCONCLUSIVE, reason) for one in changes]
    else:
        found = [compare(one, saved.blocks, outcome.blocks, paired=False) for one in changes]
    return Versus(name, (outcome,), tuple(found), (f"not in turns: {why}",))


def _as_it_was(now: Rehearsed, saved: history.Saved, file: Path, options: Options, config: Path) -> Rehearsed:
    """Today's sessions at the gateway of then."""
    gateway = saved.gateway
    parts = {name: gateway[name] for name in ("set", "rav", "files")}
    then = rehearse(file, options, config, parts)
    return replace(then, wanted=now.wanted)


def kept(outcome: Outcome, side: Side, name: str) -> history.Saved:
    """An outcome as it goes into the history."""
    made = side.rehearsed.made
    gateway = {"set": dict(made.set), "rav": dict(made.rav), "files": dict(made.files)}
    return history.Saved(
        name, datetime.now(UTC).isoformat(timespec="seconds"), made.name, side.target, outcome.status, fingerprint(),
        identify(side.target, side.program), gateway, history.packed(made.config), dict(outcome.figures),
        outcome.blocks,
    )  # fmt: skip
