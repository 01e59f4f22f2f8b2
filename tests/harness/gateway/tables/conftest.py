"""conftest - open a table of some text, and keep what it warns about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.gateway.table import Table, TableContext, open_table

Open = Callable[..., Table]


@pytest.fixture
def warned() -> list[str]:
    return []


@pytest.fixture
def opened(tmp_path: Path, warned: list[str]) -> Open:
    """opened("hash", "key value") reads the text from a file; opened("static:x") takes the whole name."""

    def make(kind: str, text: str | None = None) -> Table:
        if text is not None:
            (tmp_path / "table").write_text(text)
            kind = f"{kind}:/etc/postfix/table"
        return open_table(kind, TableContext(tmp_path, warned.append))

    return make
