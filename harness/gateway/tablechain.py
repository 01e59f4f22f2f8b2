"""tablechain - the tables named inside another one: unionmap:{a, b}, pipemap:{a, b}, randmap:{x, y}."""

from __future__ import annotations

from harness.gateway.lines import balanced, words
from harness.gateway.table import Table, TableContext, TableError, open_table


def members(name: str, rest: str) -> list[str]:
    """The words in the braces.  Raises TableError in the words of dict_union(3)."""
    kind = name.partition(":")[0]
    need = f'need "{kind}:{{...}}"'
    if balanced(rest) != len(rest) or len(rest) <= 2:
        raise TableError(f'bad syntax: "{name}"; {need}')
    found = [word for _, word in words(rest[1:-1])]
    if not found:
        raise TableError(f'empty list: "{name}"; {need}')
    return found


def open_members(name: str, rest: str, context: TableContext) -> tuple[Table, ...]:
    """The tables in the braces, opened.  Raises TableError when one of them cannot be."""
    return tuple(open_table(member, context) for member in members(name, rest))
