"""Write docs/cases.md: which hostile cases the scenarios hold, by family, each with its source and its benign twin.

python docs/cases.py [--check]     --check: exit 1 when the file is not what would be written, or a rule is broken

corpus/cases.tsv lists the cases: number, id, what is sent, sources, and why it is not here (empty: it is).  A session
is of a case when the case's id is among its tags; it is benign when `clean` is.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
FILE = Path(__file__).with_suffix(".md")
TABLE = ROOT / "corpus" / "cases.tsv"
FAMILIES = {
    "SM": "the end of the data, and smuggling",
    "PR": "the protocol: its states, and its abuse",
    "EX": "extensions",
    "UC": "clients, senders and recipients, by policy and DNS",
    "HD": "headers",
    "MM": "MIME that is read in two ways",
    "AT": "attachments",
}
VALIDITY = ("strict", "lenient", "broken")
HEAD = """# Hostile cases

Written by `nox -s docs` (docs/cases.py) from corpus/cases.tsv and the tags of the scenarios; a test says when it is
out of date. `gauntlet run -m SM-lf-dot-lf` replays one case, `-k SM-` a family.

Each hostile session has a benign *twin* that differs in one thing and must pass, and a *validity*: **strict**, every
octet is as the RFCs have it, and only what it is for is hostile; **lenient**, against them, yet sent by honest
software; **broken**, sent by nobody honest. So a strict and a lenient gateway can both be scored.
"""
_SUMMARY = """
| family | cases | not here | hostile sessions | strict | lenient | broken |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    number: int
    id: str
    sent: str
    sources: tuple[str, ...]
    absent: str

    @property
    def family(self) -> str:
        return self.id.partition("-")[0]


@dataclass(frozen=True)
class Found:
    """One session of a scenario."""

    file: str  # below scenarios/
    id: str
    tags: frozenset[str]
    refs: tuple[str, ...]
    twin: str
    validity: str

    @property
    def benign(self) -> bool:
        return "clean" in self.tags


def cases() -> tuple[Case, ...]:
    """The table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    return tuple(Case(int(n), name, sent, tuple(sources.split(", ")), why) for n, name, sent, sources, why in rows)


def sessions() -> tuple[Found, ...]:
    """Every session of every scenario."""
    found = []
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        scenario: dict[str, Any] = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for one in scenario.get("sessions", ()):
            refs = (*scenario.get("refs", ()), *one.get("refs", ()))
            tags = frozenset((*scenario.get("tags", ()), *one.get("tags", ())))
            file = path.relative_to(ROOT / "scenarios").as_posix()
            found.append(Found(file, one["id"], tags, refs, one.get("twin") or "", one.get("validity") or ""))
    return tuple(found)


def problems(table: Iterable[Case], every: Iterable[Found]) -> Iterator[str]:
    """What is against the rules: a case without a session or a reason, a hostile session without twin or validity."""
    table, every = tuple(table), tuple(every)
    ids = {case.id for case in table}
    benign = {(one.file, one.id) for one in every if one.benign}
    tagged = {tag for one in every for tag in one.tags}
    for case in table:
        if bool(case.absent) == (case.id in tagged):
            yield f"{case.id}: {'is here, and has a reason not to be' if case.absent else 'no session, no reason'}"
        if case.family not in FAMILIES or not all(case.sources) or not case.sent:
            yield f"{case.id}: no family, no source or no description"
    for one in every:
        mine = [tag for tag in one.tags if tag.partition("-")[0] in FAMILIES]
        for tag in mine:
            if tag not in ids:
                yield f"{one.file}: {one.id}: no case {tag!r} in {TABLE.name}"
        if mine and not one.benign:
            if (one.file, one.twin) not in benign:
                yield f"{one.file}: {one.id}: no twin that is clean"
            if one.validity not in VALIDITY:
                yield f"{one.file}: {one.id}: validity is one of {', '.join(VALIDITY)}, not {one.validity!r}"
            if not one.refs:
                yield f"{one.file}: {one.id}: no refs"


def hostile(every: Iterable[Found]) -> list[Found]:
    """The hostile sessions that are of a case."""
    return [s for s in every if not s.benign and any(tag.partition("-")[0] in FAMILIES for tag in s.tags)]


def document() -> str:
    """The whole file."""
    table, every = cases(), sessions()
    of: dict[str, list[Found]] = defaultdict(list)
    for one in every:
        for tag in one.tags:
            of[tag].append(one)
    text = f"{HEAD}\n| family | cases | not here | hostile sessions | strict | lenient | broken |\n"
    text += f"|{'---|' * 7}\n"
    for name, meant in FAMILIES.items():
        mine = [case for case in table if case.family == name]
        bad = {(s.file, s.id): s for case in mine for s in hostile(of[case.id])}.values()
        counts = " | ".join(str(sum(s.validity == word for s in bad)) for word in VALIDITY)
        gone = sum(bool(case.absent) for case in mine)
        text += f"| {name}: {meant} | {len(mine)} | {gone or '.'} | {len(bad)} | {counts} |\n"
    whole = hostile(every)
    counts = " | ".join(str(sum(s.validity == word for s in whole)) for word in VALIDITY)
    text += f"| all | {len(table)} | {sum(bool(case.absent) for case in table)} | {len(whole)} | {counts} |\n"
    for name, meant in FAMILIES.items():
        text += f"\n## {name}: {meant}\n\n| # | case | what is sent | sources | sessions |\n|---|---|---|---|---|\n"
        for case in table:
            if case.family == name:
                where = f"*not here: {case.absent}*" if case.absent else _where(of[case.id])
                text += f"| {case.number} | {case.id} | {case.sent} | {', '.join(case.sources)} | {where} |\n"
    return text


def _where(found: list[Found]) -> str:
    files: dict[str, list[str]] = defaultdict(list)
    for one in found:
        files[one.file].append(one.id)
    return "; ".join(f"[{file}](../scenarios/{file}): {', '.join(ids)}" for file, ids in files.items())


def main() -> int:
    wrong = list(problems(cases(), sessions()))
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    text = document()
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, "utf-8")
    elif FILE.read_text("utf-8") != text:
        print(f"{FILE.name} is out of date: run nox -s docs", file=sys.stderr)
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
