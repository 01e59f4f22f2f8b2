"""hash: the source text that postmap would compile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_keys_are_folded_and_the_first_of_equal_ones_counts(opened: Open, warned: list[str]) -> None:
    table = opened("hash", "# comment\nA.test  OK\nb.test 554 no\n  more\na.TEST REJECT\n")
    assert value(table, "a.Test") == "OK"
    assert value(table, "b.test") == "554 no  more"
    assert value(table, "c.test") is None
    assert [rule.line for rule in table.rules] == [2, 3]
    assert warned == ['/etc/postfix/table, line 5: duplicate entry: "a.test"']
    assert table.fixed


def test_quoted_keys_hold_blanks(opened: Open) -> None:
    assert value(opened("btree", '"a b"@x.test OK\n'), '"a b"@x.test') == "OK"


def test_a_line_without_a_value_is_skipped_with_a_warning(opened: Open, warned: list[str]) -> None:
    assert value(opened("lmdb", "lonely\nb OK\n"), "lonely") is None
    assert "expected format: key whitespace value" in warned[0]


def test_a_missing_file_is_an_error(opened: Open) -> None:
    with pytest.raises(TableError, match="No such file"):
        opened("hash:/etc/postfix/none")
