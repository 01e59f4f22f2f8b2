"""proxy - proxy:type:table is the table itself here: there is no proxymap(8) between."""

from __future__ import annotations

from harness.gateway.table import Table, TableContext, open_table, tables


@tables.register("proxy")
def open_proxy(name: str, rest: str, context: TableContext) -> Table:
    """The table behind the proxy.  Raises TableError.  Source: dict_proxy(3)."""
    return open_table(rest, context)
