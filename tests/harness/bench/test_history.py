"""history: what is saved is found again, by sqlite3 alone too; what is no history is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.block import Block
from harness.bench.histogram import Histogram
from harness.bench.history import Saved, openable, packed, recall, save, unpack
from harness.errors import HarnessError, UsageError


def a_run(tmp_path: Path, name: str = "base") -> Saved:
    (tmp_path / "gw" / "rav").mkdir(parents=True, exist_ok=True)
    (tmp_path / "gw" / "main.cf").write_text("myhostname = x\n")
    (tmp_path / "gw" / "rav" / "a.conf").write_bytes(b"\xff\n")
    blocks = tuple(
        Block({"seconds": 1.0, "sessions": n}, {"eom": Histogram().record([0.001 * n])}, "late" * (n == 2))
        for n in (1, 2)
    )
    return Saved(
        name, "2026-11-28T15:00:00+00:00", "bench/x", "reference", 0, {"host": "here"}, {"version": "1"},
        {"set": {"a": "b"}, "rav": {}, "files": {}}, packed(tmp_path / "gw"), {"sessions.rate": 10.0}, blocks,
    )  # fmt: skip


def test_what_is_saved_is_found_again(tmp_path: Path) -> None:
    file, run = tmp_path / "h.sqlite", a_run(tmp_path)
    save(file, run)
    save(file, replace(run, status=99))
    found = recall(file, "base", "bench/x", "reference")
    assert found.status == 99, "the latest counts"
    assert replace(found, blocks=(), status=0) == replace(run, blocks=())
    assert [(b.amounts, b.unfit, b.latency["eom"].counts) for b in found.blocks] == [
        (b.amounts, b.unfit, b.latency["eom"].counts) for b in run.blocks
    ]
    unpack(found.configuration, tmp_path / "again")
    assert (tmp_path / "again" / "rav" / "a.conf").read_bytes() == b"\xff\n" and packed(
        tmp_path / "again"
    ) == run.configuration


def test_it_is_a_plain_database(tmp_path: Path) -> None:
    file = tmp_path / "h.sqlite"
    save(file, a_run(tmp_path))
    with closing(sqlite3.connect(file)) as base:
        asked = "SELECT name, metric, value FROM run JOIN figure ON run.id = figure.run"
        assert base.execute(asked).fetchall() == [("base", "sessions.rate", 10.0)]
        assert base.execute("SELECT count(*) FROM configuration").fetchone() == (1,)
        assert base.execute("SELECT sum(json_extract(amounts, '$.sessions')) FROM block").fetchone() == (3,)


def test_what_is_not_there_is_told_with_the_nearest_right_name(tmp_path: Path) -> None:
    file = tmp_path / "h.sqlite"
    with pytest.raises(HarnessError, match="no such history"):
        recall(file, "base", "bench/x", "reference")
    save(file, a_run(tmp_path, "monday"))
    with pytest.raises(HarnessError, match="no run 'munday' of bench/x on reference; did you mean 'monday'"):
        recall(file, "munday", "bench/x", "reference")
    with pytest.raises(HarnessError, match="no run 'monday' of bench/x on postfix"):
        recall(file, "monday", "bench/x", "postfix")


def test_another_file_is_left_as_it_is(tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other.sqlite"
    text.write_text("hello " * 100)
    with closing(sqlite3.connect(other)) as base, base:
        base.execute("CREATE TABLE mine (x)")
    for file in (text, other, tmp_path / "no" / "such" / "directory"):
        before = file.read_bytes() if file.exists() else b""
        with pytest.raises(HarnessError, match="is no history of `gauntlet bench`"):
            save(file, a_run(tmp_path))
        assert (file.read_bytes() if file.exists() else b"") == before


def test_a_history_that_cannot_be_written_is_told_before_there_is_a_run_to_save(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no history")
    with pytest.raises(HarnessError, match="is no history"):
        openable(tmp_path / "text")
    with pytest.raises(UsageError, match="No such file"):
        openable(tmp_path / "nowhere" / "h.sqlite")
    openable(tmp_path / "h.sqlite")
    assert not (tmp_path / "h.sqlite").exists()
    run = a_run(tmp_path)
    save(tmp_path / "h.sqlite", run)
    openable(tmp_path / "h.sqlite")
    assert recall(tmp_path / "h.sqlite", run.name, run.scenario, run.target).name == run.name
