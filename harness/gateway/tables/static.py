"""static - one answer for every key: static:value, static:{value with blanks}."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gateway.lines import BraceError, unbraced
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, TableError, tables


@dataclass(frozen=True)
class StaticTable:
    """Gives the same hit for every key."""

    name: str
    rules: tuple[Rule, ...]
    hit: Hit
    fixed: bool = True

    def lookup(self, key: str) -> Hit | None:
        """Always the one value."""
        return self.hit


@tables.register("static")
def open_static(name: str, rest: str, context: TableContext) -> Table:
    """A table that always says `rest`.  Raises TableError when there is nothing to say."""
    if not rest:
        raise TableError(f'open dictionary: expecting "type:name" form instead of "{name}"')
    try:
        value = unbraced(rest) if rest.startswith("{") else rest
    except BraceError as error:
        raise TableError(f"bad static map syntax: {error}") from None
    rule = Rule(name, 0, value)
    return StaticTable(name, (rule,), Hit(value, rule))
