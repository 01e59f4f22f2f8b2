"""texthash - postmap source text, read as it stands; one key twice makes the whole table unusable."""

from __future__ import annotations

from harness.gateway.fixedtable import FixedTable
from harness.gateway.table import Hit, Table, TableContext, TableError, tables
from harness.gateway.tablefile import fold, source_entries, wants_utf8


@tables.register("texthash")
def open_texthash(name: str, rest: str, context: TableContext) -> Table:
    """The table in the file `rest`.  Raises TableError: no such file, or a duplicate key, as in smtpd (not postmap)."""
    utf8 = wants_utf8(context)
    hits: dict[str, Hit] = {}
    for entry in source_entries(rest, context):
        key = fold(entry.key, utf8)
        assert key is not None  # source_entries lets only UTF-8 through
        if key in hits:
            raise TableError(f'{rest}, line {entry.rule.line}: duplicate entry: "{entry.key}"')
        hits[key] = Hit(entry.value, entry.rule)
    return FixedTable(name, hits, tuple(hit.rule for hit in hits.values()), utf8, context.warn)
