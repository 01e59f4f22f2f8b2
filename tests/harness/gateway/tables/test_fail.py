"""fail: a table that never answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_it_opens_and_then_fails(opened: Open) -> None:
    with pytest.raises(TableError):
        opened("fail:x").lookup("a")
