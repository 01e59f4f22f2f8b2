"""proxy: the table behind it."""

from __future__ import annotations

from collections.abc import Callable

from harness.gateway.table import Table

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_it_is_the_table_behind_it(opened: Open) -> None:
    assert value(opened("proxy:static:OK"), "a") == "OK"
