"""hash - hash: and the other indexed types, read from the source text that postmap or postalias would compile.

Of lmdb: the database itself is read where the source is not there.
The first of several equal keys counts, with postmap's warning.  A table of alias_maps or alias_database is one that
postalias compiles (newaliases(1)): there a line is `key: value`.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.fixedtable import FixedTable
from harness.gateway.lines import WHITESPACE, logical_lines, words
from harness.gateway.lmdb_file import compiled_entries, is_compiled
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableContext, tables
from harness.gateway.tablefile import Entry, fold, read_text, shown_name, source_entries, wants_utf8


@tables.register("hash", "btree", "lmdb", "dbm", "cdb", "sdbm")
def open_hash(name: str, rest: str, context: TableContext) -> Table:
    """The table that postmap would make, or made, of the file `rest`.  Raises TableError when there is no such file."""
    utf8 = wants_utf8(context)
    hits: dict[str, Hit] = {}
    rules: list[Rule] = []
    if name.startswith("lmdb:") and is_compiled(rest, context.directory):
        entries = compiled_entries(rest, context)
    else:
        entries = _aliases(rest, context) if _is_alias_table(name, context) else source_entries(rest, context, "")
    for entry in entries:
        key = fold(entry.key, utf8)
        if key is None:
            continue
        if key in hits:
            context.warn(f'{rest}, line {entry.rule.line}: duplicate entry: "{key}"')
            continue
        hits[key] = Hit(entry.value, entry.rule)
        rules.append(entry.rule)
    return FixedTable(name, hits, tuple(rules), utf8, context.warn)


def _is_alias_table(name: str, context: TableContext) -> bool:
    lists = (context.parameters.get("alias_maps", ""), context.parameters.get("alias_database", ""))
    return any(word == name for text in lists for _, word in words(text))


def _aliases(rest: str, context: TableContext) -> Iterator[Entry]:
    """The lines of an aliases(5) file."""
    file = shown_name(rest, context.directory)
    for line in logical_lines(read_text(rest, context, "open database"), rest, context.warn):
        colon = _colon(line.text)
        key, value = line.text[:colon].strip(WHITESPACE), " ".join(line.text[colon + 1 :].split())
        if colon < 0 or not key or not value:
            context.warn(f"{rest}, line {line.number}: need name:value pair")
            continue
        yield Entry(key.strip('"'), value, Rule(file, line.number, line.text.rstrip(WHITESPACE)))


def _colon(text: str) -> int:
    """Where the key ends; -1 where it does not."""
    quoted = False
    for at, c in enumerate(text):
        quoted ^= c == '"'
        if c == ":" and not quoted:
            return at
    return -1
