"""static: one answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table, TableError

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


def test_every_key_gets_it(opened: Open) -> None:
    assert value(opened("static:OK"), "anything") == "OK"
    assert value(opened("static:{554 go away}"), "x") == "554 go away"


def test_nothing_to_say_is_an_error(opened: Open) -> None:
    with pytest.raises(TableError):
        opened("static:")
