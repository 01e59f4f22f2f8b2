"""A table that cannot be opened is an error only when it is asked."""

from __future__ import annotations

import pytest

from harness.gateway.broken_table import open_or_break, tables_of
from harness.gateway.settings import Settings
from harness.gateway.table import TableError


def test_broken_tables_wait_until_they_are_asked(tmp_path):
    (tmp_path / "main.cf").write_text("virtual_alias_maps = static:x, nonsense:y\n")
    settings = Settings.load(tmp_path)
    good, broken = tables_of(settings, "virtual_alias_maps")
    hit = good.lookup("any")
    assert hit is not None and hit.value == "x"
    with pytest.raises(TableError, match=r"^nonsense:y is unavailable\. unsupported dictionary type: nonsense$"):
        broken.lookup("any")


def test_good_tables_are_the_settings_own(tmp_path):
    (tmp_path / "main.cf").write_text("")
    settings = Settings.load(tmp_path)
    assert open_or_break(settings, "static:x") is settings.table("static:x")
