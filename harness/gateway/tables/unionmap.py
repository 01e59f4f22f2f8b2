"""unionmap - ask several tables, and join what they say with commas."""

from __future__ import annotations

from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, tables
from harness.gateway.tablechain import open_members


class UnionTable:
    """All results, in order; the rule is that of the first."""

    def __init__(self, name: str, members: tuple[Table, ...]) -> None:
        self.name, self._members = name, members
        self.fixed = all(member.fixed for member in members)
        self.rules: tuple[Rule, ...] = tuple(rule for member in members for rule in member.rules)

    def lookup(self, key: str) -> Hit | None:
        """What every member says, joined; None when none says anything."""
        hits = [hit for member in self._members if (hit := member.lookup(key)) is not None]
        return Hit(",".join(hit.value for hit in hits), hits[0].rule) if hits else None


@tables.register("unionmap")
def open_union(name: str, rest: str, context: TableContext) -> Table:
    """unionmap:{type:table, type:table}.  Raises TableError.  Source: dict_union(3)."""
    return UnionTable(name, open_members(name, rest, context))
