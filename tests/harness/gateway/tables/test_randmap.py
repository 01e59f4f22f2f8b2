"""randmap: one of several, by the key."""

from __future__ import annotations

from collections.abc import Callable

from harness.gateway.table import Table

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_every_value_comes_up_and_each_key_keeps_its_own(opened: Open) -> None:
    table = opened("randmap:{one, two, three}")
    drawn = [value(table, f"key{n}") for n in range(100)]
    assert set(drawn) == {"one", "two", "three"}
    assert drawn == [value(table, f"key{n}") for n in range(100)]
