"""mutate - change one line of a rule set at a time, and see whether any session of a corpus would notice.

Mutants: an element of a list is deleted, or changes places with the next; a line of a table is deleted, its action
turned round (OK for a refusal and back), its code changed, its pattern made to match anything or nothing; yes and no
change places.  A mutant that no session tells from the original survives: the corpus says nothing of that line.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, zip_longest
from pathlib import Path

from harness.corpus.sample import Sample
from harness.corpus.store import to_row
from harness.errors import HarnessError
from harness.gateway.policy.restriction import Element
from harness.gateway.settings import Settings
from harness.impact.decide import Decider
from harness.impact.fate import Fate
from harness.impact.shards import processes
from harness.impact.source import Shard, sources
from harness.impact.suggest import good_mail, killer, told
from harness.impact.world import World

DOES_NOT_LOAD = "does not load"  # in place of a killer: Postfix would refuse this mutant
_BASES = 20  # shards in which a good mail is looked for
_ACTION = re.compile(r"(?<=[\s/])(OK|REJECT|DUNNO|PERMIT|[45]\d\d)(?=\s|$)", re.IGNORECASE)
_PATTERN = re.compile(r"(!?)/((?:[^/\\]|\\.)*)/")
_FLAG = re.compile(r"=\s*(yes|no)\s*$")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed line: file, line, what was done to it, and the text of the line before and after."""

    file: str
    line: int
    done: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.done}: {self.before.strip()}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mutant and the session that noticed it; "" for none, `does not load` for one that Postfix would refuse."""

    mutant: Mutant
    killer: str = ""
    suggestion: str = ""  # in words
    session: str = ""  # a line of JSON for a corpus: a session that was tried, and does tell it
    decided: int = 0  # sessions of the corpus
    failed: int = 0  # those of it that cannot be read, or decided under the rules as they are


def mutants_of(directory: Path) -> Iterator[Mutant]:
    """Every mutant of a configuration directory, file by file.  Raises ConfigError."""
    decider = Decider(directory, World())
    lists = decider.gateway.services.policy.elements()
    main_cf = (directory / "main.cf").read_text("utf-8", "surrogateescape").splitlines()
    for elements in lists.values():
        yield from _of_list([e for e in elements if e.rule.line and e.rule.file == "main.cf"], main_cf)
    for number, text in enumerate(main_cf, 1):
        if (flag := _FLAG.search(text)) and not text.startswith("#"):
            other = "no" if flag[1] == "yes" else "yes"
            yield Mutant("main.cf", number, f"{flag[1]} -> {other}", text, text[: flag.start(1)] + other)
    for file in sorted({rule.file for table in decider.gateway.settings.opened for rule in table.rules}):
        if (directory / file).is_file() and file != "main.cf":
            yield from _of_table(directory, file, decider.gateway.settings)


def _of_list(elements: Sequence[Element], lines: list[str]) -> Iterator[Mutant]:
    for element, following in zip_longest(elements, elements[1:]):
        number, text = element.rule.line, lines[element.rule.line - 1]
        if (place := _find(element.text, text)) is None:
            continue
        yield Mutant("main.cf", number, f"delete {element.text}", text, f"{text[: place[0]]} {text[place[1] :]}")
        if following is None or following.rule.line == number:
            continue
        if _find(following.text, lines[following.rule.line - 1]) is not None:
            yield Mutant(
                "main.cf", number, f"swap with line {following.rule.line}", text, f"{text[: place[0]]}{following.text}"
                f"{text[place[1] :]}",
            )  # fmt: skip


def _find(words: str, text: str) -> tuple[int, int] | None:
    found = re.search(r"(?<![\w-])" + r"\s+".join(map(re.escape, words.split())) + r"(?![\w-])", text)
    return found.span() if found else None


def _of_table(directory: Path, file: str, settings: Settings) -> Iterator[Mutant]:
    lines = (directory / file).read_text("utf-8", "surrogateescape").splitlines()
    numbers = {rule.line for table in settings.opened for rule in table.rules if rule.file == file}
    for number in sorted(numbers):
        text = lines[number - 1]
        yield Mutant(file, number, "delete", text, "")
        if pattern := _PATTERN.match(text):
            rest = text[pattern.end() :]
            yield Mutant(file, number, "match anything", text, f"/./{rest}")
            yield Mutant(file, number, "match nothing", text, f"/^$x/{rest}")
        if action := _ACTION.search(text):
            word = action[1].upper()
            refuses = word == "REJECT" or word[0] in "45"
            turned = "OK" if refuses else "REJECT"
            yield Mutant(file, number, f"{word} -> {turned}", text, _with(text, action, turned))
            if word[0] in "45":
                other = ("4" if word[0] == "5" else "5") + word[1:]
                yield Mutant(file, number, f"{word} -> {other}", text, _with(text, action, other))


def _with(text: str, action: re.Match[str], word: str) -> str:
    return text[: action.start(1)] + word + text[action.end(1) :]


def run_all(directory: Path, shards: Sequence[Shard], jobs: int) -> list[Outcome]:
    """What became of every mutant, in order; `jobs` processes share them.  Raises ConfigError."""
    mutants = list(mutants_of(directory))
    if jobs <= 1 or len(mutants) < 4:
        return [judge_mutant(str(directory), tuple(shards), mutant) for mutant in mutants]
    with processes(jobs) as pool:
        work = [pool.submit(judge_mutant, str(directory), tuple(shards), mutant) for mutant in mutants]
        return [one.result() for one in work]


def judge_mutant(directory: str, shards: tuple[Shard, ...], mutant: Mutant) -> Outcome:
    """Find a session whose fate is another under the mutant: the first one settles it."""
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        changed = Path(workdir) / "config"
        shutil.copytree(directory, changed)
        _write(changed, mutant, Path(directory))
        place = mutant.file, mutant.line
        originals = [_original(directory, shard) for shard in shards]
        decided, failed = sum(len(one.known) for one in originals), sum(one.failed for one in originals)
        try:
            for one in sorted(originals, key=lambda one: place not in one.spoke):  # where the line spoke, it is missed
                decider = Decider(changed, one.world)
                for sample, fate in one.known:
                    if told(fate, decider.decide(sample)):
                        return Outcome(mutant, f"{sample.origin}/{sample.id}", "", "", decided, failed)
        except HarnessError:
            return Outcome(mutant, DOES_NOT_LOAD, "", "", decided, failed)
        made = _made(mutant, Path(directory), changed, originals)
        return Outcome(mutant, "", _suggestion(mutant), made, decided, failed)


def _made(mutant: Mutant, directory: Path, changed: Path, originals: Sequence[_Original]) -> str:
    """A session, as a line of JSON, that tells the survivor from the original; "" where none could be made."""
    if mutant.file == "main.cf":
        return ""
    for one in originals[:_BASES]:
        if (base := good_mail(one.known)) is not None:
            found = killer(mutant.before, base, Decider(directory, one.world), Decider(changed, one.world))
            if found is not None:
                return json.dumps(to_row(found), ensure_ascii=False)
    return ""


def _write(changed: Path, mutant: Mutant, original: Path) -> None:
    path = changed / mutant.file
    lines = path.read_text("utf-8", "surrogateescape").splitlines()
    lines[mutant.line - 1] = mutant.after
    if swapped := re.match(r"swap with line (\d+)", mutant.done):
        lines[int(swapped[1]) - 1] = _swapped(lines, mutant, int(swapped[1]), original)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8", "surrogateescape")


def _swapped(lines: list[str], mutant: Mutant, other: int, original: Path) -> str:
    """The other line of a swap, with the element that stood in the mutant's own."""
    for elements in _elements(str(original)):
        for first, second in pairwise(elements):
            if (first.rule.line, second.rule.line) == (mutant.line, other):
                found = _find(second.text, lines[other - 1])
                assert found is not None
                return lines[other - 1][: found[0]] + first.text + lines[other - 1][found[1] :]
    raise AssertionError("a swap of lines that are no neighbours")


@lru_cache(maxsize=2)
def _elements(directory: str) -> tuple[tuple[Element, ...], ...]:
    decider = Decider(Path(directory), World())
    return tuple(tuple(elements) for elements in decider.gateway.services.policy.elements().values())


@dataclass(frozen=True)
class _Original:
    """The sessions of a shard, their fates under the rules as they are, and the lines that spoke in them."""

    world: World
    known: tuple[tuple[Sample, Fate], ...]
    spoke: frozenset[tuple[str, int]]
    failed: int


@lru_cache(maxsize=4096)
def _original(directory: str, shard: Shard) -> _Original:
    """Asked once in each process."""
    source = sources[shard.source]()
    world = source.world(shard)
    decider = Decider(Path(directory), world)
    known: list[tuple[Sample, Fate]] = []
    spoke: set[tuple[str, int]] = set()
    failed = 0
    for sample in source.samples(shard):
        if isinstance(sample, Sample) and not (fate := decider.decide(sample)).failure:
            known.append((sample, fate))
            spoke.update((asked.rule.file, asked.rule.line) for asked in decider.trace if asked.said != "DUNNO")
        else:
            failed += 1
    return _Original(world, tuple(known), frozenset(spoke), failed)


def _suggestion(mutant: Mutant) -> str:
    """A session that would tell this mutant from the original, where its text says what that is."""
    key = mutant.before.split()[0] if mutant.before.split() else ""
    if mutant.file == "main.cf":
        if mutant.done.startswith("swap"):
            return "a session that both lines refuse, each in its own words"
        element = mutant.done.removeprefix("delete ") if mutant.done.startswith("delete ") else ""
        return f"a session that `{element}` alone decides" if element else ""
    if re.fullmatch(r"[0-9a-fA-F.:]+(?:/\d+)?", key):
        return f"client: {{ip: {key.partition('/')[0]}}}, and nothing else against it"
    if key.startswith(("/", "!")):
        return f"a session for which {key} is the first pattern that matches"
    return f"from: {key if '@' in key else f'someone@{key}'} (or such a client), and nothing else against it"


def text_report(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """The survivors, and the score: of the mutants that load, how many were noticed."""
    outcomes = list(outcomes)
    loaded = [one for one in outcomes if one.killer != DOES_NOT_LOAD]
    survivors = [one for one in loaded if not one.killer]
    for one in survivors:
        yield f"survived  {one.mutant}"
        if one.suggestion:
            yield f"          would be noticed by: {one.suggestion}"
        if one.session:
            yield f"          for instance: {one.session}"
    if outcomes and outcomes[0].failed:  # each mutant sees the same corpus
        decided, failed = outcomes[0].decided, outcomes[0].failed
        yield f"{decided + failed:,} sessions = {decided:,} decided + {failed:,} failed"
    yield (
        f"{len(loaded)} mutants, {len(loaded) - len(survivors)} noticed, {len(survivors)} survived; "
        f"{len(outcomes) - len(loaded)} more do not load; score {score(outcomes):.1f} %"
    )


def score(outcomes: Iterable[Outcome]) -> float:
    """Noticed of loaded, in percent; 100 where there was none."""
    loaded = [one for one in outcomes if one.killer != DOES_NOT_LOAD]
    return 100 * sum(bool(one.killer) for one in loaded) / len(loaded) if loaded else 100.0
