"""unionmap: all results, joined."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_results_are_joined(opened: Open) -> None:
    table = opened("unionmap:{static:one, inline:{a=two}}")
    assert [value(table, key) for key in ("a", "b")] == ["one,two", "one"]
    assert table.fixed and not opened("unionmap:{static:one, pcre:{{/a/ x}}}").fixed


def test_a_member_that_cannot_be_opened_is_an_error(opened: Open) -> None:
    with pytest.raises(TableError):
        opened("unionmap:{nosuch:x}")
