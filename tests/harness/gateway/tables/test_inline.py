"""inline: pairs in main.cf."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_pairs_and_braced_pairs_the_last_one_counts(opened: Open) -> None:
    table = opened("inline:{a=1, {b = 2 words}, A=3}")
    assert [value(table, key) for key in ("a", "b", "c")] == ["3", "2 words", None]


def test_a_quoted_key(opened: Open) -> None:
    assert value(opened('inline:{{"a b"@ok.test = 550 x}}'), '"a b"@ok.test') == "550 x"


@pytest.mark.parametrize("name", ["inline:{}", "inline:x", "inline:{a}"])
def test_what_is_no_table_is_an_error(opened: Open, name: str) -> None:
    with pytest.raises(TableError):
        opened(name)
