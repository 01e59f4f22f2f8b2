"""parity - the same scenarios on two targets or more, and nothing but what they do not agree on. (IO)

`gauntlet run --target reference --target postfix`.  The content engine (`rav/`) is left out on all of them, by rule:
only the reference gateway has it.  With that, every scenario can be compared, and expectations play no part.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from harness.cell import kind_of, known_target, run_loop, target_of
from harness.choice import named, tagged
from harness.compare import Disagreement, compare
from harness.errors import ConfigError, NothingToDo, ScenarioError
from harness.load import find_scenarios, load
from harness.observation import Observation
from harness.plan import Plan, plan
from harness.run import run


@dataclass(frozen=True)
class Known:
    """A disagreement that is right on purpose, with its reason.

    `scenario: fuzz` is for those drawn by `gauntlet fuzz`; with `says`, one of both sides has this regex in it.
    """

    scenario: str
    session: str  # "*": any
    what: str  # the beginning of Disagreement.what
    reason: str
    says: str = ""

    def covers(self, scenario: str, disagreement: Disagreement) -> bool:
        """Whether it is this one."""
        said = f"{disagreement.first}\n{disagreement.second}"
        return (
            scenario == self.scenario
            and self.session in ("*", disagreement.session)
            and disagreement.what.startswith(self.what)
            and re.search(self.says, said) is not None
        )


def parity(
    paths: Sequence[str],
    names: Sequence[str],
    *,
    seed: int | None = None,
    only: str = "",
    tags: str = "",
    known: str | None = None,
) -> int:
    """Print each disagreement between the first target and each of the others; 1 if there is one, else 0.

    `only`, `tags`: the expressions of -k and -m.  `known`: a file of disagreements that are right, each of which must
    still be one.  Raises UsageError, ScenarioError.
    """
    by_name, by_tag = named(only), tagged(tags)
    for name in names:
        known_target(name)
    differences = read_known(Path(known)) if known is not None else ()
    sessions, wrong, met, replayed = 0, 0, set[Known](), set[str]()
    for file in find_scenarios(map(Path, paths)):
        loaded = load(file)
        for cell in loaded.cells:
            made = comparable(plan(loaded, cell, seed), names)
            if made is None:
                continue
            label = "".join(f"[{name}={value}]" for name, value in cell)
            wanted = [
                one.session.id
                for one in made.sessions
                if by_name([f"{one.session.id}{label}", *file.parts, *made.scenario.tags, *one.session.tags])
                and by_tag([*made.scenario.tags, *one.session.tags])
            ]
            if not wanted and not (made.refuses and not only and not tags):
                continue
            sessions += len(wanted) or 1  # a refusal to start counts, too
            replayed.add(made.name)
            for other, found in disagreements(made, names, wanted).items():
                for one in found:
                    matching = [entry for entry in differences if entry.covers(made.name, one)]
                    met.update(matching)
                    if not matching:
                        wrong += 1
                        print(shown(made, one, names[0], other))
    gone = [entry for entry in differences if entry.scenario in replayed and entry not in met and not only and not tags]
    for entry in gone:
        print(f"{entry.scenario}: {entry.session}: listed in {known}, and no disagreement any more: {entry.what}")
    print(f"{sessions} sessions on {', '.join(names)}: {wrong} disagreements, {len(met)} known ones")
    if not sessions:
        return NothingToDo.exit_status
    return 1 if wrong or gone else 0


def comparable(made: Plan, names: Sequence[str]) -> Plan | None:
    """The plan, without the content engine; None if the scenario is not for all of these targets."""
    if made.scenario.targets and not {kind_of(name) for name in names} <= set(made.scenario.targets):
        return None
    return replace(made, rav={})


def disagreements(
    made: Plan, names: Sequence[str], wanted: Iterable[str] | None = None
) -> dict[str, tuple[Disagreement, ...]]:
    """Of the first target with each of the others, by name.  Targets that all refuse the configuration agree."""
    first, *others = [observed(made, name, wanted) for name in names]
    found: dict[str, tuple[Disagreement, ...]] = {}
    for name, other in zip(names[1:], others, strict=True):
        if isinstance(first, Observation) and isinstance(other, Observation):
            if (first.refused is None) != (other.refused is None):
                found[name] = (Disagreement("(start)", "start", _started(first), _started(other)),)
            else:
                found[name] = compare(first, other)
        elif isinstance(first, Observation) or isinstance(other, Observation):
            found[name] = (Disagreement("(start)", "start", _started(first), _started(other)),)
        else:
            found[name] = ()
    return found


def observed(made: Plan, name: str, wanted: Iterable[str] | None = None) -> Observation | ConfigError:
    """What a target shows of the sessions, or why it refuses the configuration.  Raises TargetError."""
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as directory:
        bare = Path(directory, "bare")
        shutil.copytree(
            made.config, bare, ignore=lambda at, names: {"rav"} & set(names) if Path(at) == made.config else ()
        )
        try:
            return run_loop(run(replace(made, config=bare), target_of(name), Path(directory), wanted))
        except ConfigError as error:
            return error


def _started(outcome: Observation | ConfigError) -> str:
    reason = outcome.refused if isinstance(outcome, Observation) else outcome.what
    return "it started" if reason is None else f"it refused its configuration: {reason}"


def shown(made: Plan, one: Disagreement, first: str, second: str) -> str:
    """A disagreement, as people read it."""
    line = next((planned.line for planned in made.sessions if planned.session.id == one.session), 1)
    cell = "".join(f"[{name}={value}]" for name, value in made.cell)
    lines = [f"{made.file}:{line}: {one.session}{cell}: {one.what}"]
    width = max(len(first), len(second))
    for name, said in ((first, one.first), (second, one.second)):
        head, *rest = said.split("\n")
        lines += [f"  {name:<{width}}  {head}", *(f"  {'':<{width}}  {text}" for text in rest)]
    return "\n".join(lines)


def read_known(path: Path) -> tuple[Known, ...]:
    """The list of disagreements that are right.  Raises ScenarioError."""
    try:
        document: Any = yaml.safe_load(path.read_text("utf-8")) or []
    except OSError as error:
        raise ScenarioError(f"{error.strerror}", file=str(path)) from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"no YAML: {' '.join(str(error).split())}", file=str(path)) from None
    wanted = {"scenario", "session", "what", "reason"}
    for entry in document if isinstance(document, list) else [None]:
        if not isinstance(entry, Mapping) or set(entry) - {"says"} != wanted or not all(entry.values()):
            raise ScenarioError(
                f"expects a list of mappings of {', '.join(sorted(wanted))}, got {entry!r}", file=str(path)
            )
        try:
            re.compile(str(entry.get("says", "")))
        except re.error as error:
            raise ScenarioError(f"says: bad regex {entry['says']!r}: {error}", file=str(path)) from None
    return tuple(Known(**{key: str(value) for key, value in entry.items()}) for entry in document)
