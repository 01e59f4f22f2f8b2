"""coverage - which lines of the rules a corpus asks, matches and decides by, and which it never can.

A line is an element of a restriction list or class, a line of a table that one of them or a *_checks parameter asks,
or a line of rav/ that says what to do with a mail.  What leaves no trace (`myhostname`, transport_maps) is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.corpus.sample import Sample
from harness.gateway.policy.restriction import Element
from harness.gateway.rule import Rule
from harness.gateway.session import Asked
from harness.impact.decide import Decider
from harness.impact.source import Shard, sources

Key = tuple[str, int, str]
_RAV = ("act_for_", "wbl_", "rbl_site")
_CHECKS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")


@dataclass(slots=True)
class Line:
    """A rule, and how many sessions asked it, were matched by it, were decided by it; why it is never reached."""

    rule: Rule
    place: str
    text: str
    asked: int = 0
    matched: int = 0
    decided: int = 0
    shadowed: str = ""

    @property
    def covered(self) -> bool:
        """Has the corpus a session for which this line says something?"""
        return self.matched > 0


@dataclass
class Coverage:
    """The lines of one rule set, and what a corpus made of them."""

    lines: dict[Key, Line]
    sessions: int = 0
    failed: int = 0

    @property
    def covered(self) -> int:
        """How many lines matched something."""
        return sum(line.covered for line in self.lines.values())

    @property
    def percent(self) -> float:
        """Of all lines; 100 where there is none."""
        return 100 * self.covered / len(self.lines) if self.lines else 100.0


def coverage_of(directory: Path, shards: Iterable[Shard]) -> Coverage:
    """Decide every session of these shards and count.  Raises ConfigError, HarnessError."""
    total = Coverage({})
    lists: dict[str, list[Element]] = {}
    for shard in shards:
        decider = _decider(directory, shard)
        lists = decider.gateway.services.policy.elements()
        access, checks = _take_inventory(total, decider, lists)
        for sample in sources[shard.source]().samples(shard):
            total.sessions += 1
            if not isinstance(sample, Sample) or (fate := decider.decide(sample)).failure:
                total.failed += 1
                continue
            count(total, decider.trace, access, checks if fate.phase == "end_of_data" else ())
    for name, elements in lists.items():
        _shadows(total, name, elements)
    return total


_kept: dict[tuple[str, str, int], Decider] = {}


def _decider(directory: Path, shard: Shard) -> Decider:
    """The rules in the world of this shard; the shards of one file share it."""
    key = (str(directory), shard.path, shard.start if shard.source == "scenarios" else 0)
    if key not in _kept:
        _kept.clear()
        _kept[key] = Decider(directory, sources[shard.source]().world(shard))
    return _kept[key]


def count(
    coverage: Coverage, trace: Sequence[Asked], access: dict[str, tuple[Key, ...]], checks: Sequence[Key]
) -> None:
    """Count one session's trace, each line at most once; `access` are the lines by table, `checks` the others."""
    asked: dict[Key, None] = dict.fromkeys(checks)
    matched: dict[Key, None] = {}
    decided: dict[Key, None] = {}
    for one in trace:
        key = _key(one.rule)
        asked[key] = None
        if one.said != "DUNNO":
            matched[key] = None
        if one.decided:
            decided[key] = None
        for word in one.element.split():
            asked.update(dict.fromkeys(access.get(word, ())))
    for keys_, field in ((asked, "asked"), (matched, "matched"), (decided, "decided")):
        for key in keys_:
            line = coverage.lines.get(key)
            if line is not None:
                setattr(line, field, getattr(line, field) + 1)


def _key(rule: Rule) -> Key:
    return rule.file, rule.line, rule.text


def _take_inventory(
    coverage: Coverage, decider: Decider, lists: dict[str, list[Element]]
) -> tuple[dict[str, tuple[Key, ...]], tuple[Key, ...]]:
    """Enter every line there is; gives those of access tables by table, and those of the checks."""
    settings = decider.gateway.settings

    def enter(rule: Rule, place: str, text: str) -> None:
        if rule.line and (decider.directory / rule.file).is_file():
            coverage.lines.setdefault(_key(rule), Line(rule, place, text))

    words = {word for elements in lists.values() for element in elements for word in element.text.split()}
    checks = {word: name for name in _CHECKS for word, _ in settings.elements(name)}
    for name, elements in lists.items():
        for element in elements:
            enter(element.rule, name, element.text)
    access: dict[str, tuple[Key, ...]] = {}
    examined: list[Key] = []
    for table in settings.opened:
        if table.name not in words and table.name not in checks:
            continue
        keys = tuple(map(_key, table.rules))
        if table.name in checks:
            examined.extend(keys)
        else:
            access[table.name] = keys
        seen: dict[str, Rule] = {}
        for rule in table.rules:
            enter(rule, checks.get(table.name, table.name), rule.text)
            pattern = rule.text.rpartition("/")[0]
            first = seen.setdefault(pattern, rule)
            if pattern and first is not rule and not table.fixed and _key(rule) in coverage.lines:
                coverage.lines[_key(rule)].shadowed = f"the same pattern stands in line {first.line}"
    for path in sorted((decider.directory / "rav").glob("*")) if (decider.directory / "rav").is_dir() else ():
        if path.is_file():
            for number, text in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
                if text.strip().startswith(_RAV):
                    enter(Rule(f"rav/{path.name}", number, text.strip()), "rav", text.strip())
    return access, tuple(examined)


def _shadows(coverage: Coverage, name: str, elements: list[Element]) -> None:
    """Elements that no session can reach, provably or in this corpus."""
    final: Element | None = None
    walked = max((coverage.lines[_key(e.rule)].asked for e in elements if e.rule.line), default=0)
    for element in elements:
        line = coverage.lines.get(_key(element.rule))
        if line is None:
            continue
        if final is not None:
            line.shadowed = f"`{final.text}` before it ends the list, always"
        elif walked and not line.asked:
            line.shadowed = f"of {walked} sessions that began {name} none came so far"
        if element.final and not element.warn and final is None:
            final = element


def text_report(coverage: Coverage) -> Iterator[str]:
    """The lines of every file with their counts; those that never matched are marked."""
    yield f"{'asked':>8} {'matched':>8} {'decided':>8}  line"
    last = ""
    for line in _ordered(coverage):
        if line.rule.file != last:
            last = line.rule.file
            yield f"{'':>26}  {last}"
        mark = " " if line.covered else "!"
        text = line.text if len(line.text) <= 90 else f"{line.text[:70]} ... {line.text[-15:]}"
        yield f"{line.asked:>8,} {line.matched:>8,} {line.decided:>8,}{mark} {line.rule.line:>5}  {text}"
        if line.shadowed:
            yield f"{'':>35}never: {line.shadowed}"
    yield (
        f"{coverage.covered} of {len(coverage.lines)} lines matched ({coverage.percent:.1f} %), "
        f"{coverage.sessions:,} sessions, {coverage.failed:,} failed"
    )


def json_report(coverage: Coverage) -> str:
    """The same as JSON."""
    lines = [
        {
            "file": line.rule.file, "line": line.rule.line, "text": line.text, "place": line.place,
            "asked": line.asked, "matched": line.matched, "decided": line.decided, "shadowed": line.shadowed or None,
        }
        for line in _ordered(coverage)
    ]  # fmt: skip
    head = {"sessions": coverage.sessions, "failed": coverage.failed, "percent": round(coverage.percent, 2)}
    return json.dumps({**head, "lines": lines}, indent=1) + "\n"


def lcov_report(coverage: Coverage, directory: Path) -> str:
    """A tracefile of lcov(1): a line is hit as often as it matched; ordinary viewers show it."""
    out: list[str] = []
    files: dict[str, dict[int, int]] = {}
    for line in _ordered(coverage):
        hits = files.setdefault(line.rule.file, {})
        hits[line.rule.line] = max(hits.get(line.rule.line, 0), line.matched)
    for file, hits in files.items():
        out += [f"SF:{directory / file}", *(f"DA:{number},{times}" for number, times in sorted(hits.items()))]
        out += [f"LF:{len(hits)}", f"LH:{sum(times > 0 for times in hits.values())}", "end_of_record"]
    return "".join(f"{line}\n" for line in out)


def _ordered(coverage: Coverage) -> list[Line]:
    return sorted(coverage.lines.values(), key=lambda line: (line.rule.file, line.rule.line))
