"""pipemap: one result is the next key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_a_miss_anywhere_is_a_miss(opened: Open) -> None:
    table = opened("pipemap:{inline:{a=b}, inline:{b=c}}")
    assert [value(table, key) for key in ("a", "b")] == ["c", None]


def test_an_empty_list_is_an_error(opened: Open) -> None:
    with pytest.raises(TableError):
        opened("pipemap:{}")
