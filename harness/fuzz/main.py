"""main - `gauntlet fuzz`: draw, replay on two targets, shrink what they disagree on, say what was exercised. (IO)"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from harness.cell import known_target, run_loop
from harness.compare import Disagreement, compare
from harness.errors import ConfigError, ScenarioError, TargetError, UsageError
from harness.fuzz.case import Case
from harness.fuzz.exercise import Exercise
from harness.fuzz.regress import write
from harness.fuzz.shrink import shrink
from harness.fuzz.vocabulary import RESTRICTIONS
from harness.observation import Observation
from harness.output import writable_directory
from harness.parity import Known, read_known, shown
from harness.run import run
from harness.target import targets

PER_CONFIGURATION = 15  # sessions
_WORDS = 5  # of the 78 that a configuration is bound to have; all of them in every 16
Refusal = ConfigError | TargetError
_SHRINK_S = 25.0  # for one disagreement
_RESET = "Connection reset by peer"  # the server hung up while we were writing: what it said before may be lost
_FIRST, _SECOND = "reference", "postfix"


@dataclass
class _Tally:
    """What has come of the run so far."""

    sessions: int = 0
    configurations: int = 0
    refused: int = 0  # configurations that both refuse to start with
    broken: int = 0  # conversations that did not take place, or were cut off
    wrong: int = 0
    known: Counter[Known] = field(default_factory=Counter)
    kinds: dict[str, tuple[Case, Disagreement]] = field(default_factory=dict)
    exercise: Exercise = field(default_factory=Exercise)


def fuzz(
    *,
    sessions: int,
    seed: int,
    per_configuration: int = PER_CONFIGURATION,
    known: str | None = None,
    output: str = "scenarios/regress",
    shrinks: int = 5,
) -> int:
    """Print every kind of disagreement of the reference gateway with a real Postfix; 1 if there is one, else 0.

    `known`: a file of disagreements that are right on purpose.  `output`: where shrunk ones are written, at most so
    many.  The same seed draws the same.  Raises UsageError.
    """
    writable_directory(output)
    known_target(_SECOND)
    differences = read_known(Path(known)) if known is not None else ()
    tally, began = _Tally(), time.monotonic()

    for number in range(-(-sessions // per_configuration)):
        _replay(drawn(seed, number, min(per_configuration, sessions)), tally, differences)
    for number, (kind, (case, one)) in enumerate(sorted(tally.kinds.items())):
        if number < shrinks:
            print(f"shrinking: {kind}", flush=True)
            print(f"  written to {_shrunk(case, one, Path(output))}", flush=True)
    took = time.monotonic() - began
    print(
        f"{tally.sessions} sessions in {tally.configurations} configurations ({tally.refused} refused by both, "
        f"{tally.broken} conversations cut off) in {took:.0f} s, seed {seed}: "
        f"{tally.wrong} disagreements of {len(tally.kinds)} kinds, {sum(tally.known.values())} known ones"
    )
    for line in tally.exercise.lines():
        print(line)
    return 1 if tally.wrong else 0


def drawn(seed: int, number: int, sessions: int) -> Case:
    """Case `number` of a seed, with some of the 78 words in it.  Raises UsageError where hypothesis is missing."""
    try:
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import seed as seeded
    except ModuleNotFoundError:
        raise UsageError("hypothesis is not installed: pip install 'mailgauntlet[fuzz]'") from None
    from harness.fuzz.grammar import cases

    words = [RESTRICTIONS[(number * _WORDS + at) % len(RESTRICTIONS)] for at in range(_WORDS)]
    found: list[Case] = []

    @seeded(seed * 1_000_003 + number)
    @settings(
        max_examples=2, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(cases(sessions, words))
    def draw(case: Case) -> None:
        found.append(case)

    draw()
    return found[-1]  # the first is the simplest there is


def _replay(case: Case, tally: _Tally, differences: tuple[Known, ...]) -> None:
    first, second = outcome(case, _FIRST), outcome(case, _SECOND)
    tally.configurations += 1
    tally.sessions += len(case.visits)
    if isinstance(first, Observation):
        tally.exercise.add(first, _warned(case))
    tally.refused += isinstance(first, Refusal) and isinstance(second, Refusal)
    for one in first_of_each(disagreements(first, second)):
        if one.what == "conversation" and (one.first == one.second or _RESET in (one.first, one.second)):
            tally.broken += 1
            continue
        matching = [entry for entry in differences if entry.covers("fuzz", one)]
        tally.known.update(matching[:1])
        if matching:
            continue
        tally.wrong += 1
        kind = kind_of(one)
        if kind not in tally.kinds:
            tally.kinds[kind] = (case, one)
            print(shown(case.plan(), one, _FIRST, _SECOND).partition(": ")[2], flush=True)


def outcome(case: Case, target: str) -> Observation | Refusal:
    """What this target shows of the case, or why it refuses the configuration."""
    with tempfile.TemporaryDirectory(prefix="gauntlet-fuzz-") as directory:
        try:
            return run_loop(run(case.plan(), targets[target](), Path(directory)))
        except (ConfigError, TargetError) as error:
            return error


def disagreements(first: Observation | Refusal, second: Observation | Refusal) -> tuple[Disagreement, ...]:
    """Of two outcomes; refusing both is agreeing."""
    if isinstance(first, Observation) and isinstance(second, Observation):
        return compare(first, second)
    if isinstance(first, Refusal) and isinstance(second, Refusal):
        return ()
    said = ["it started" if isinstance(one, Observation) else one.what for one in (first, second)]
    return (Disagreement("(start)", "start", *said),)


def first_of_each(found: tuple[Disagreement, ...]) -> list[Disagreement]:
    """The first of each session: what comes later is likely to follow from it."""
    return list({one.session: one for one in reversed(found)}.values())[::-1]


def kind_of(one: Disagreement) -> str:
    """What disagreements of one cause are likely to have in common: the command, and both texts without what varies."""
    verb = " ".join(one.what.split()[:3])
    return f"{verb} | {_bare(one.first)} | {_bare(one.second)}"


def _bare(text: str) -> str:
    text = re.sub(r"<[^>]*>|\[[^]]*\]|[\w.@+%-]*[@.][\w.@+%-]*|\d+", "*", text.partition("\n")[0])
    return text[:80]


def _shrunk(case: Case, one: Disagreement, directory: Path) -> Path | str:
    wanted = _same(one)

    until = time.monotonic() + _SHRINK_S

    def still(smaller: Case) -> bool:
        if time.monotonic() > until:
            return False
        try:
            found = disagreements(outcome(smaller, _FIRST), outcome(smaller, _SECOND))
        except ScenarioError:
            return False
        return any(_same(other) == wanted for other in found)

    if one.session != "(start)" and still(alone := case.only(one.session)):
        case = alone
    small = shrink(case, still)
    truth = outcome(small, _SECOND)
    if isinstance(truth, Refusal):
        return f"nothing: Postfix refuses this configuration ({truth.what}); set: {dict(small.set)}"
    return write(small, truth, one.what, directory)


def _same(one: Disagreement) -> str:
    """What must stay the same while a case is shrunk: of replies only the command, of other things all of the kind."""
    kind = kind_of(one)
    return kind.partition(" | ")[0] if kind.startswith("reply") else kind


def _warned(case: Case) -> tuple[str, ...]:
    """warn_if_reject leaves no line of its own in the trace."""
    return ("warn_if_reject",) * any("warn_if_reject" in value for value in case.set.values())
