"""texthash: read as it is; a key given twice makes it useless."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_it_reads_as_hash_does(opened: Open) -> None:
    assert value(opened("texthash", "a OK\nB no\n"), "b") == "no"


def test_a_duplicate_makes_the_table_unusable(opened: Open) -> None:
    with pytest.raises(TableError):
        opened("texthash", "a 1\nA 2\n").lookup("b")
