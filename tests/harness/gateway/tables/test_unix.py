"""unix: the machine's own users."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_root_is_there(opened: Open) -> None:
    found = value(opened("unix:passwd.byname"), "root")
    assert found is not None and found.startswith("root:")
    assert value(opened("unix:group.byname"), "no such group") is None


def test_another_map_is_an_error(opened: Open) -> None:
    with pytest.raises(TableError):
        opened("unix:shadow.byname")
