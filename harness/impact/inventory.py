"""inventory - every line of a rule set that can leave a trace, and those that provably never decide anything.

Lines are the elements of restriction lists and classes, the entries of the tables that these or a *_checks parameter
ask, and in rav/ whatever the content engine can name: chains, lists, blocklist sites, bulk sections, who is told,
filters, signatures.  `myhostname` or transport_maps leave no trace and are not lines.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from harness.gateway.fixedtable import FixedTable
from harness.gateway.policy.restriction import Element
from harness.gateway.rule import Rule
from harness.gateway.table import Table
from harness.impact.decide import Decider

Key = tuple[str, int, str]
CHECKS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")


@dataclass(slots=True)
class Line:
    """A rule, and how many sessions asked it, were matched by it, were decided by it.

    `never` says why nothing can ever reach it; `shadowed` why nothing of this corpus did, or why it could say nothing.
    """

    rule: Rule
    place: str
    text: str
    asked: int = 0
    matched: int = 0
    decided: int = 0
    never: str = ""
    shadowed: str = ""

    @property
    def covered(self) -> bool:
        """Has the corpus a session for which this line says something?"""
        return self.matched > 0


@dataclass
class Inventory:
    """The lines by key; which of them an element asks with its table, and which every content is held against."""

    lines: dict[Key, Line] = field(default_factory=dict)
    tables: dict[str, tuple[Key, ...]] = field(default_factory=dict)
    checks: tuple[Key, ...] = ()
    lists: dict[str, list[Element]] = field(default_factory=dict)


def key_of(rule: Rule) -> Key:
    """What tells a line from others; the text, since several elements may stand in one line."""
    return rule.file, rule.line, rule.text


def inventory_of(decider: Decider) -> Inventory:
    """Every line of the rules that were loaded."""
    settings, found = decider.gateway.settings, Inventory()
    found.lists = decider.gateway.services.policy.elements()

    def enter(rule: Rule, place: str) -> Key:
        key = key_of(rule)
        if rule.line and (decider.directory / rule.file).is_file():
            found.lines.setdefault(key, Line(rule, place, rule.text))
        return key

    for name, elements in found.lists.items():
        for element in elements:
            key = enter(element.rule, name)
            if key in found.lines:
                found.lines[key].text = element.text
    words = {word for elements in found.lists.values() for element in elements for word in element.text.split()}
    checks = {word: name for name in CHECKS for word, _ in settings.elements(name)}
    for table in settings.opened:
        if table.name in checks:
            found.checks += tuple(enter(rule, checks[table.name]) for rule in table.rules)
        elif table.name in words:
            found.tables[table.name] = tuple(enter(rule, table.name) for rule in table.rules)
        else:
            continue
        _same_table(found, table)
        asked_by = {e.text.split()[0] for elements in found.lists.values() for e in elements if table.name in e.text}
        if isinstance(table, FixedTable) and asked_by and asked_by <= {"check_sender_access", "check_recipient_access"}:
            for text, hit in table.entries():
                if text.startswith("@"):
                    _never(found, hit.rule, "access(5) looks up no key that begins with @; the domain alone is one")
    if decider.engine.active:
        for rule in _rules(decider.engine.rav.groups):
            enter(rule, "rav")
        files = decider.engine.signatures.files
        for rule in _rules((files.patterns, files.digests, files.yara.lines if files.yara else ())):
            enter(rule, "signatures")
    for name, elements in found.lists.items():
        _after_the_end(found, elements)
        _across_tables(found, name, elements, {table.name: table for table in settings.opened})
    return found


def _rules(thing: object) -> Iterator[Rule]:
    """Every rule that a value of the content engine holds, however deep."""
    if isinstance(thing, Rule):
        yield thing
    elif isinstance(thing, Mapping):
        yield from _rules(list(thing.values()))
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from _rules(one)
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield from _rules([getattr(thing, one.name) for one in dataclasses.fields(thing)])


# -- what can never decide


def _never(found: Inventory, rule: Rule, why: str) -> None:
    line = found.lines.get(key_of(rule))
    if line is not None and not line.never:
        line.never = why


def _after_the_end(found: Inventory, elements: Iterable[Element]) -> None:
    """`permit` and `reject` end their list, whatever the session."""
    final: Element | None = None
    for element in elements:
        if final is not None:
            _never(found, element.rule, f"`{final.text}` before it ends the list, always")
        elif element.final and not element.warn:
            final = element


def _same_table(found: Inventory, table: Table) -> None:
    """The first of two equal patterns answers, and the wider of two networks if it stands first."""
    seen: dict[str, Rule] = {}
    networks: list[tuple[IPv4Network | IPv6Network, Rule]] = []
    for rule in table.rules:
        if table.fixed:
            continue
        pattern = rule.text.rpartition("/")[0] if rule.text[:1] in "/!" else ""
        first = seen.setdefault(pattern, rule)
        if pattern and first is not rule:
            _never(found, rule, f"the same pattern stands in line {first.line}")
        if not table.name.startswith("cidr:") or (network := _network(rule.text.split()[0])) is None:
            continue
        wider = next((one for known, one in networks if _within(network, known)), None)
        if wider is not None:
            _never(found, rule, f"`{wider.text.split()[0]}` in line {wider.line} holds all of it")
        networks.append((network, rule))


def _network(text: str) -> IPv4Network | IPv6Network | None:
    """The network of a plain line; None for one that is negated or none."""
    try:
        return ip_network(text.strip("[]").replace("]/", "/"))
    except ValueError:
        return None


def _within(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)


def _across_tables(found: Inventory, name: str, elements: Iterable[Element], tables: Mapping[str, Table]) -> None:
    """An entry whose key stands in an earlier table of literal keys that the same restriction asks of the same list.

    Every entry of the earlier table must end the list: then whoever could get to the later entry was stopped, by the
    same key or by another one.  For OK of a recipient that is not so: one that is source-routed goes on.
    """
    earlier: list[tuple[str, str, FixedTable]] = []
    for element in elements:
        word, _, spec = element.text.partition(" ")
        table = tables.get(spec)
        if element.warn or not word.startswith("check_") or not isinstance(table, FixedTable):
            continue
        for key, hit in table.entries():
            for asked_by, shown, before in earlier:
                if asked_by == word and (entry := before.entry(key)) is not None:
                    _never(found, hit.rule, f"{shown} line {entry.rule.line} settles `{key}` before, in {name}")
                    break
        if all(_ends(hit.value, permits=word != "check_recipient_access") for _, hit in table.entries()):
            earlier.append((word, spec, table))


def _ends(value: str, permits: bool) -> bool:
    """Does this action of access(5) end a list?"""
    word, _, text = value.partition(" ")
    if word.upper() in ("OK", "RELAY"):
        return permits
    return word.upper() in ("REJECT", "DEFER", "HANGUP") or bool(re.fullmatch("[45][0-9][0-9]", word) and text.strip())
