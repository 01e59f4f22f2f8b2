"""hash: the source text that postmap would compile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.gateway.table import Table, TableContext, TableError, open_table

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


def test_keys_with_a_colon_keep_it_as_postmap_does(opened: Open, warned: list[str]) -> None:
    assert value(opened("hash", "key: value\n"), "key:") == "value"
    assert warned == ['/etc/postfix/table, line 1: record is in "key: value" format; is this an alias file?']


def test_a_table_of_alias_maps_is_one_that_postalias_compiles(tmp_path: Path) -> None:
    (tmp_path / "aliases").write_text('a:b\n"x y": c\nUp: d\nroot:  joe, \n  jim\nbad\na: again\n')
    warned: list[str] = []
    context = TableContext(tmp_path, warned.append, {"alias_maps": "nis:x, hash:/etc/postfix/aliases"})
    table = open_table("hash:/etc/postfix/aliases", context)
    assert [value(table, key) for key in ("a", "x y", "UP", "root", "bad", "a:")] == [
        "b",
        "c",
        "d",
        "joe, jim",
        None,
        None,
    ]
    assert warned == [
        "/etc/postfix/aliases, line 6: need name:value pair",
        '/etc/postfix/aliases, line 7: duplicate entry: "a"',
    ]
