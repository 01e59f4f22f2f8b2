"""randmap - one of several values.  Which one follows from the key, not from chance: two runs must agree."""

from __future__ import annotations

import zlib

from harness.gateway.lines import encode
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, tables
from harness.gateway.tablechain import members


class RandomTable:
    """The same key always gets the same value; over many keys every value comes up."""

    fixed = False

    def __init__(self, name: str, values: list[str]) -> None:
        self.name = name
        self.rules = tuple(Rule(name, 0, value) for value in values)
        self._hits = [Hit(value, rule) for value, rule in zip(values, self.rules, strict=True)]

    def lookup(self, key: str) -> Hit | None:
        """One of the values."""
        return self._hits[zlib.crc32(encode(key)) % len(self._hits)]


@tables.register("randmap")
def open_random(name: str, rest: str, context: TableContext) -> Table:
    """randmap:{value, value}.  Raises TableError.  Source: dict_random(3)."""
    return RandomTable(name, members(name, rest))
