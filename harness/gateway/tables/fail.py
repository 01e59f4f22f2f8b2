"""fail - a table that never answers: fail:anything, for trying out what happens then."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, TableError, tables


@dataclass(frozen=True)
class FailTable:
    """Every lookup is an error."""

    name: str
    rules: tuple[Rule, ...] = ()
    fixed: bool = False

    def lookup(self, key: str) -> Hit | None:
        """Raises TableError, always."""
        raise TableError(f'{self.name} lookup error for "{key}"')


@tables.register("fail")
def open_fail(name: str, rest: str, context: TableContext) -> Table:
    """A table that opens, and then fails.  Source: dict_fail(3)."""
    return FailTable(name)
