"""environ - the process environment.  A test must not depend on it, so it is empty here."""

from __future__ import annotations

from harness.gateway.fixedtable import FixedTable
from harness.gateway.table import Table, TableContext, tables


@tables.register("environ")
def open_environ(name: str, rest: str, context: TableContext) -> Table:
    """A table without entries.  Source: dict_env(3)."""
    return FixedTable(name, {}, (), False, context.warn)
