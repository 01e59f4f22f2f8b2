"""shrink - leave out of a case what its disagreement does not need: sessions, words, parameters, lines, records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from harness.fuzz.case import Case, Say, Visit

Value = TypeVar("Value")
Still = Callable[[Case], bool]
_END = b".\r\n"


def shrink(case: Case, still: Still, most: int = 400) -> Case:
    """The smallest case found in so many tries that `still` disagrees; removals only, so that it stays a drawn one."""
    tries = [most]

    def holds(smaller: Case) -> bool:
        tries[0] -= 1
        return tries[0] >= 0 and still(smaller)

    while tries[0] > 0:
        before = case
        for reduce in (_parameters, _elements, _files, _world, _says, _contents):
            case = reduce(case, holds)
        if case == before:
            break
    return case


def _less(
    case: Case, items: Sequence[Value], put: Callable[[Case, list[Value]], Case], holds: Still, least: int = 0
) -> Case:
    """The case with as few of these items in their place as it takes."""
    kept = fewer(items, lambda some: len(some) >= least and holds(put(case, some)))
    return put(case, kept)


def fewer(items: Sequence[Value], holds: Callable[[list[Value]], bool]) -> list[Value]:
    """What is left of these when everything is tried without: halves first, single ones last (ddmin)."""
    kept = list(items)
    step = max(len(kept) // 2, 1)
    while kept:
        at = 0
        while at < len(kept):
            without = kept[:at] + kept[at + step :]
            if holds(without):
                kept = without
            else:
                at += step
        if step == 1:
            break
        step = max(step // 2, 1)
    return kept


def _parameters(case: Case, holds: Still) -> Case:
    return _less(case, list(case.set.items()), lambda case, items: replace(case, set=dict(items)), holds)


def _elements(case: Case, holds: Still) -> Case:
    """Fewer elements in each list."""
    for name, value in case.set.items():
        if len(words := list(split(value))) > 1:
            case = _less(case, words, partial(_put_words, name), holds)
    return case


def _put_words(name: str, case: Case, words: list[str]) -> Case:
    return replace(case, set={**case.set, name: ", ".join(words)})


def split(value: str) -> Iterator[str]:
    """The parts of a list between its commas; what is in braces stays together."""
    part, depth = "", 0
    for character in value:
        depth += (character == "{") - (character == "}")
        if character == "," and depth <= 0:
            yield part.strip()
            part = ""
        else:
            part += character
    if part.strip():
        yield part.strip()


def _files(case: Case, holds: Still) -> Case:
    case = _less(case, list(case.files.items()), lambda case, items: replace(case, files=dict(items)), holds)
    for name in case.files:
        case = _less(case, case.files[name], partial(_put_lines, name), holds, least=1)
    return case


def _put_lines(name: str, case: Case, lines: list[str]) -> Case:
    return replace(case, files={**case.files, name: tuple(lines)})


def _world(case: Case, holds: Still) -> Case:
    case = _less(case, case.zone, lambda case, lines: replace(case, zone=tuple(lines)), holds)
    case = _less(case, case.faults, lambda case, faults: replace(case, faults=tuple(faults)), holds)
    case = _less(case, list(case.replies.items()), lambda case, items: replace(case, replies=dict(items)), holds)
    case = _less(case, case.policy, lambda case, rules: replace(case, policy=tuple(rules)), holds)
    case = _less(case, list(case.rbl.items()), lambda case, items: replace(case, rbl=dict(items)), holds)
    for name in case.rbl:
        case = _less(case, list(case.rbl[name].items()), partial(_put_entries, name), holds)
    return case


def _put_entries(name: str, case: Case, entries: list[tuple[str, Mapping[str, Any]]]) -> Case:
    return replace(case, rbl={**case.rbl, name: dict(entries)})


def _says(case: Case, holds: Still) -> Case:
    """Fewer commands; those that go in one write become fewer, too."""
    for place in range(len(case.visits)):
        case = _less(case, case.visits[place].says, partial(_put_says, place), holds, least=1)
        for at, say in enumerate(case.visits[place].says):
            case = _less(case, say.lines, partial(_put_commands, place, at), holds, least=1)
        without = _with(case, place, replace(case.visits[place], login=None))
        if without != case and holds(without):
            case = without
    return case


def _put_says(place: int, case: Case, says: list[Say]) -> Case:
    return _with(case, place, replace(case.visits[place], says=tuple(says)))


def _put_commands(place: int, at: int, case: Case, lines: list[bytes]) -> Case:
    return _put_say(place, at, case, replace(case.visits[place].says[at], lines=tuple(lines)))


def _contents(case: Case, holds: Still) -> Case:
    """Fewer lines of the contents."""
    for place, visit in enumerate(case.visits):
        for at, say in enumerate(visit.says):
            if say.content is not None:
                lines = say.content.removesuffix(_END).splitlines(keepends=True)
                case = _less(case, lines, partial(_put_content, place, at), holds)
    return case


def _put_content(place: int, at: int, case: Case, lines: list[bytes]) -> Case:
    return _put_say(place, at, case, replace(case.visits[place].says[at], content=b"".join(lines) + _END))


def _put_say(place: int, at: int, case: Case, say: Say) -> Case:
    says = list(case.visits[place].says)
    says[at] = say
    return _put_says(place, case, says)


def _with(case: Case, place: int, visit: Visit) -> Case:
    return replace(case, visits=(*case.visits[:place], visit, *case.visits[place + 1 :]))
