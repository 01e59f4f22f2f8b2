from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.impact.export import Rows

ROW = {"id": "a", "recipients": ["b\udcff@ok.test"], "old_code": 250, "changed": True, "new_text": "554 no"}


def test_both_forms_hold_the_same_rows(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    with Rows(tmp_path / "x.jsonl", tmp_path / "x.parquet") as rows:
        assert rows.wanted
        rows.write([ROW, {"id": "b", "failure": "broken"}])
        rows.write([])
        rows.write([ROW])
    lines = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
    table = parquet.read_table(tmp_path / "x.parquet").to_pylist()
    assert [line["id"] for line in lines] == [line["id"] for line in table] == ["a", "b", "a"]
    assert table[0]["recipients"] == ["b\\udcff@ok.test"] and table[0]["old_code"] == 250
    assert table[1]["failure"] == "broken" and table[1]["changed"] is None


def test_nothing_is_written_that_nobody_wants() -> None:
    with Rows(None, None) as rows:
        rows.write([ROW])
    assert not rows.wanted


def test_a_place_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"), Rows(tmp_path / "no" / "x", None):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_costs_the_rows_and_nothing_else() -> None:
    with Rows(Path("/dev/full"), None) as rows:
        rows.write([ROW, ROW])
        rows.write([ROW])
    assert rows.trouble == "/dev/full: No space left on device" and rows.missing == 3
