"""pipemap - the result of each table is the key of the next; a miss anywhere is a miss."""

from __future__ import annotations

from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, tables
from harness.gateway.tablechain import open_members


class PipeTable:
    """The last result; its rule is the last one's."""

    def __init__(self, name: str, members: tuple[Table, ...]) -> None:
        self.name, self._members = name, members
        self.fixed = all(member.fixed for member in members)
        self.rules: tuple[Rule, ...] = tuple(rule for member in members for rule in member.rules)

    def lookup(self, key: str) -> Hit | None:
        """The result at the end of the pipe."""
        hit: Hit | None = None
        for member in self._members:
            hit = member.lookup(key)
            if hit is None:
                return None
            key = hit.value
        return hit


@tables.register("pipemap")
def open_pipe(name: str, rest: str, context: TableContext) -> Table:
    """pipemap:{type:table, type:table}.  Raises TableError.  Source: dict_pipe(3)."""
    return PipeTable(name, open_members(name, rest, context))
