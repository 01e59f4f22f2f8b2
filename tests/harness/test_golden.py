"""golden: what is kept, under which name; bytes keep their values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.golden import NONE, golden, golden_name
from harness.observation import Observation

ODD = "S: 250 \udce9\r bare\r\nlast"


def test_it_is_written_only_when_asked_for(tmp_path: Path) -> None:
    whole = Observation("x", (), "reference", (), extra={"file": str(tmp_path / "x.yaml")})
    assert golden(whole, "a.txt", ODD) == NONE
    updating = replace(whole, extra={**whole.extra, "update_golden": "yes"})
    assert golden(updating, "a.txt", ODD) == ODD
    assert golden(whole, "a.txt", "something else") == ODD
    assert (tmp_path / "__golden__" / "a.txt").read_bytes() == b"S: 250 \xe9\r bare\r\nlast"


def test_the_name_has_the_cell_in_it(tmp_path: Path) -> None:
    whole = Observation("x", (("a", "1"), ("b", "2")), "reference", (), extra={"file": str(tmp_path / "x.yaml")})
    assert golden_name(whole, "one", "eml") == "x.one[a=1][b=2].eml"
