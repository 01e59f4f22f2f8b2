"""lmdb_file - the database that postmap made of an lmdb: table, where its source is not at hand. (IO)

The one home of `lmdb`.  Keys and values are as postmap wrote them: folded, with the NUL that dict_lmdb(3) puts behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.gateway.lines import decode
from harness.gateway.rule import Rule
from harness.gateway.table import TableContext, TableError
from harness.gateway.tablefile import Entry, path_of, shown_name

_SUFFIX = ".lmdb"


def is_compiled(name: str, directory: Path) -> bool:
    """Whether there is the database, and no source."""
    source = path_of(name, directory)
    return not source.exists() and source.with_name(source.name + _SUFFIX).exists()


def compiled_entries(name: str, context: TableContext) -> Iterator[Entry]:
    """What is in the database, in the order of its keys; no line is known.  Raises TableError."""
    try:
        import lmdb
    except ImportError:
        raise TableError(
            f"open database {name}{_SUFFIX}: there is no source, and it needs pip install mailgauntlet[lmdb]"
        ) from None
    path, file = path_of(name + _SUFFIX, context.directory), shown_name(name + _SUFFIX, context.directory)
    try:
        with (
            lmdb.open(str(path), subdir=False, readonly=True, lock=False, create=False) as database,
            database.begin() as transaction,
        ):
            pairs = [(bytes(key), bytes(value)) for key, value in transaction.cursor()]
    except lmdb.Error as error:
        raise TableError(f"open database {name}{_SUFFIX}: {str(error).rpartition(': ')[2]}") from None
    for key, value in pairs:
        word, said = decode(key.rstrip(b"\0")), decode(value.rstrip(b"\0"))
        yield Entry(word, said, Rule(file, 0, f"{word} {said}"))
