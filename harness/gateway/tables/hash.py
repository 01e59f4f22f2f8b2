"""hash - hash: and the other indexed types, read from the source text that postmap or postalias would compile.

The first of several equal keys counts, with postmap's warning.  A file in which every key ends in a colon
(/etc/aliases) is one that postalias compiles: there the key ends before the colon.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.gateway.fixedtable import FixedTable
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, tables
from harness.gateway.tablefile import Entry, fold, source_entries, wants_utf8


@tables.register("hash", "btree", "lmdb", "dbm", "cdb", "sdbm")
def open_hash(name: str, rest: str, context: TableContext) -> Table:
    """The table that postmap would make of the file `rest`.  Raises TableError when there is no such file."""
    utf8 = wants_utf8(context)
    hits: dict[str, Hit] = {}
    rules: list[Rule] = []
    for entry in _without_colons(source_entries(rest, context, warn_colon=False), rest, context):
        key = fold(entry.key, utf8)
        if key is None:
            continue
        if key in hits:
            context.warn(f'{rest}, line {entry.rule.line}: duplicate entry: "{key}"')
            continue
        hits[key] = Hit(entry.value, entry.rule)
        rules.append(entry.rule)
    return FixedTable(name, hits, tuple(rules), utf8, context.warn)


def _without_colons(entries: Iterable[Entry], file: str, context: TableContext) -> list[Entry]:
    listed = list(entries)
    aliases = bool(listed) and all(entry.key.endswith(":") for entry in listed)
    if aliases:
        return [Entry(entry.key[:-1].strip('"'), entry.value, entry.rule) for entry in listed]
    for entry in listed:
        if entry.key.endswith(":"):
            context.warn(f'{file}, line {entry.rule.line}: record is in "key: value" format; is this an alias file?')
    return listed
