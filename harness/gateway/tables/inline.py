"""inline - pairs written in main.cf itself: inline:{key=value, {key = value}}; the last of equal keys counts."""

from __future__ import annotations

from harness.gateway.fixedtable import FixedTable
from harness.gateway.lines import BraceError, balanced, is_utf8, name_and_value, unbraced, words
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, TableError, tables
from harness.gateway.tablefile import fold, wants_utf8


@tables.register("inline")
def open_inline(name: str, rest: str, context: TableContext) -> Table:
    """The table of these pairs.  Raises TableError on bad syntax and on an empty table.  Source: dict_inline(3)."""
    utf8 = wants_utf8(context)
    need = f'"{name}"; need "inline:{{name=value...}}"'
    if utf8 and not is_utf8(rest):
        raise TableError(f"bad UTF-8 syntax: {need}")
    if balanced(rest) != len(rest) or len(rest) <= 2:
        raise TableError(f"bad syntax: {need}")
    hits: dict[str, Hit] = {}
    for _, word in words(rest[1:-1]):
        try:
            key, value, _ = name_and_value(unbraced(word) if word.startswith("{") else word, quoted=True)
        except BraceError as error:
            raise TableError(f"{error}: {need}") from None
        folded = fold(key, utf8)
        assert folded is not None  # checked above
        hits[folded] = Hit(value, Rule(name, 0, f"{key} = {value}"))
    if not hits:
        raise TableError(f"empty table: {need}")
    return FixedTable(name, hits, tuple(hit.rule for hit in hits.values()), utf8, context.warn)
