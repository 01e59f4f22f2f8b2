"""lmdb_file: a table of which only the database is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.gateway.table import TableContext, TableError, open_table


@pytest.fixture
def database(tmp_path: Path) -> Path:
    lmdb = pytest.importorskip("lmdb", reason="lmdb is not installed")
    with lmdb.open(str(tmp_path / "x.lmdb"), subdir=False) as made, made.begin(write=True) as transaction:
        transaction.put(b"bad.test\0", b"REJECT spam\0")
        transaction.put("straße.test\0".encode(), b"OK\0")
        transaction.put(b"bare", b"no NUL")
    return tmp_path


def test_it_is_asked_as_its_source_would_be(database: Path) -> None:
    table = open_table("lmdb:/etc/postfix/x", TableContext(database, pytest.fail))
    hits = {key: table.lookup(key) for key in ("BAD.test", "straße.test", "bare", "good.test")}
    assert {key: hit and hit.value for key, hit in hits.items()} == {
        "BAD.test": "REJECT spam", "straße.test": "OK", "bare": "no NUL", "good.test": None,
    }  # fmt: skip
    assert hits["bare"] is not None and hits["bare"].rule.file == "x.lmdb"


def test_the_source_goes_first_and_other_types_know_no_database(database: Path) -> None:
    with pytest.raises(TableError, match="open database /etc/postfix/x: No such file"):
        open_table("hash:/etc/postfix/x", TableContext(database, pytest.fail))
    (database / "x").write_text("bad.test OK\n")
    hit = open_table("lmdb:/etc/postfix/x", TableContext(database, pytest.fail)).lookup("bad.test")
    assert hit is not None and hit.value == "OK" and hit.rule.line == 1


def test_what_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    pytest.importorskip("lmdb", reason="lmdb is not installed")
    (tmp_path / "x.lmdb").write_bytes(b"nothing of the kind" * 500)
    with pytest.raises(TableError, match=r"open database /etc/postfix/x\.lmdb: "):
        open_table("lmdb:/etc/postfix/x", TableContext(tmp_path, pytest.fail))


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lmdb", None)
    (tmp_path / "x.lmdb").touch()
    with pytest.raises(TableError, match=r"pip install mailgauntlet\[lmdb\]"):
        open_table("lmdb:/etc/postfix/x", TableContext(tmp_path, pytest.fail))
