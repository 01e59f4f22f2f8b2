"""cidr - networks in order, the first match wins: `network/length value`, if/endif, `!` for not."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gateway.lines import WHITESPACE, LogicalLine
from harness.gateway.network import Network, PatternError, parse_address, parse_network
from harness.gateway.patternline import is_word
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, tables
from harness.gateway.tablefile import rule_lines


@dataclass(slots=True)
class _Step:
    """One line: a match (with its hit) or an `if` (with the index to go on at when it does not hold)."""

    network: Network
    hit: Hit | None
    otherwise: int = -1  # -1: an `if` without endif, whose failure ends the search


class CidrTable:
    """Only valid addresses can match."""

    fixed = False

    def __init__(self, name: str, steps: list[_Step]) -> None:
        self.name, self._steps = name, steps
        self.rules = tuple(step.hit.rule for step in steps if step.hit)

    def lookup(self, key: str) -> Hit | None:
        """The value of the first network that holds this address."""
        address = parse_address(key)
        if address is None:
            return None
        at, steps = 0, self._steps
        while at < len(steps):
            step = steps[at]
            at += 1
            if step.network.matches(address):
                if step.hit:
                    return step.hit
            elif step.hit is None:
                if step.otherwise < 0:
                    return None
                at = step.otherwise
        return None


@tables.register("cidr")
def open_cidr(name: str, rest: str, context: TableContext) -> Table:
    """The table in a file or in braces; bad lines are skipped with a warning.  Raises TableError: cidr_table(5)."""
    file, lines = rule_lines("cidr", rest, context)
    steps: list[_Step] = []
    conditions: list[tuple[_Step, int]] = []
    for line in lines:
        try:
            step = _parse(line, file, bool(conditions))
        except PatternError as error:
            context.warn(f"cidr map {rest}, line {line.number}: {error}: skipping this rule")
            continue
        if step is None:
            conditions.pop()[0].otherwise = len(steps)
            continue
        steps.append(step)
        if step.hit is None:
            conditions.append((step, line.number))
    for _, number in reversed(conditions):
        context.warn(f"cidr map {rest}, line {number}: IF has no matching ENDIF")
    return CidrTable(name, steps)


def _parse(line: LogicalLine, file: str, nested: bool) -> _Step | None:
    """A step, or None for an endif.  Raises PatternError."""
    text = line.text.rstrip(WHITESPACE)
    if is_word(text, "if"):
        return _Step(_network(text[2:].strip(WHITESPACE)), None)
    if is_word(text, "endif"):
        if text[5:].strip(WHITESPACE):
            raise PatternError("garbage after ENDIF")
        if not nested:
            raise PatternError("ENDIF without IF")
        return None
    bare = text.lstrip("!" + WHITESPACE)
    key, value = _split(bare)
    network = _network(text[: len(text) - len(bare)] + key)
    if not value:
        raise PatternError("no lookup result")
    return _Step(network, Hit(value, Rule(file, line.number, text)))


def _network(pattern: str) -> Network:
    """A pattern with any number of exclamation marks and blanks in front.  Raises PatternError."""
    bare = pattern.lstrip("!" + WHITESPACE)
    if not bare:
        raise PatternError("no address pattern")
    return parse_network("!" * pattern[: len(pattern) - len(bare)].count("!") + bare)


def _split(text: str) -> tuple[str, str]:
    for position, c in enumerate(text):
        if c in WHITESPACE:
            return text[:position], text[position:].strip(WHITESPACE)
    return text, ""
