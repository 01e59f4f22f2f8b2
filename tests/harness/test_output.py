"""output: what cannot be written is said before the work; what is written is whole, or is not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import UsageError
from harness.output import writable, writable_directory, write


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere/x.json", "nowhere/x.json: No such file or directory"),
        ("gw", "gw: Is a directory"),
        ("file/x.json", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("x" * 254, "File name too long"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gw").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=said):
        writable(None, "", name)
    with pytest.raises(UsageError, match=said):
        write(name, "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "gw"]


def test_a_look_leaves_everything_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    writable(tmp_path / "old", tmp_path / "new", "/dev/null", "/dev/null")
    writable_directory(tmp_path / "a" / "b")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("old", "old")]
    with pytest.raises(UsageError, match="two results"):
        writable(tmp_path / "new", tmp_path / "x" / ".." / "new")
    with pytest.raises(UsageError, match="old is no directory"):
        writable_directory(tmp_path / "old" / "b")


def test_a_file_is_replaced_whole_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "file").write_text("old")
    write(tmp_path / "link", "new \udcff")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "file").read_text() == "new \\udcff"
    assert len(list(tmp_path.iterdir())) == 2


def test_what_fails_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    def full() -> Iterator[str]:
        yield "new"
        raise OSError(28, os.strerror(28))

    (tmp_path / "file").write_text("old")
    with pytest.raises(UsageError, match="No space left"):
        write(tmp_path / "file", full())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_device_is_written_to(capsys: pytest.CaptureFixture[str]) -> None:
    write("/dev/null", "text")
    with pytest.raises(UsageError, match="/dev/full: No space left"):
        write("/dev/full", "text")


@pytest.mark.parametrize(
    "words",
    [
        "bench s.yaml --json nowhere/x",
        "bench s.yaml --hdr nowhere/x",
        "bench s.yaml --markdown nowhere/x",
        "bench s.yaml --json x --hdr x",
        "bench s.yaml --save a --history nowhere/x",
        "fuzz --output s.yaml",
        "run s.yaml --junit nowhere/x",
        "run s.yaml --jsonl x --junit x",
        "impact gw gw --markdown nowhere/x",
        "impact gw gw --json nowhere/x",
        "impact gw gw --jsonl x --parquet x",
        "coverage gw --json nowhere/x",
        "coverage gw --lcov nowhere/x",
        "coverage gw --cobertura nowhere/x",
        "import s.yaml --output nowhere/x.jsonl",
        "generate --mix s.yaml --output nowhere/x.jsonl",
        "generate --mix s.yaml --output taken.jsonl",
    ],
)
def test_every_command_looks_before_it_begins(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no work: the scenario and the configuration are empty, and nobody gets as far as to complain of them."""
    monkeypatch.chdir(tmp_path)
    for name in ("gw", "taken.zone"):
        (tmp_path / name).mkdir()
    for name in ("s.yaml", "gw/main.cf"):
        (tmp_path / name).write_text("")
    assert main(words.split()) == 2
    said = "".join(capsys.readouterr())
    assert any(why in said for why in ("No such file", "two results", "no directory", "Is a directory")), said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gw", "s.yaml", "taken.zone"]
