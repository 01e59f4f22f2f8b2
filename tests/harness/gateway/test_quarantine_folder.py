"""quarantine_folder: on disk when it says so, and nothing is ever overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.clock import HandClock
from harness.gateway.maillog import MailLog
from harness.gateway.quarantine_folder import QuarantineFolder


def folder(directory: Path) -> tuple[QuarantineFolder, list[str]]:
    lines: list[str] = []
    return QuarantineFolder(directory, MailLog(HandClock(), "gw", lines.append)), lines


def test_bytes_and_name_are_synced_before_it_says_yes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, lines = folder(tmp_path / "quarantine")
    synced: list[str] = []
    sync = os.fsync

    def seen(descriptor: int) -> None:
        synced.append(
            str(Path(f"/proc/self/fd/{descriptor}").readlink()) if Path("/proc/self/fd").exists() else str(descriptor)
        )
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", seen)
    assert kept.keep("106-RAVQ-1", b"x") and not lines and len(synced) == 2
    assert [path.name for path in (tmp_path / "quarantine").iterdir()] == ["106-RAVQ-1"]


def test_the_same_again_is_there_and_something_else_is_refused(tmp_path: Path) -> None:
    kept, lines = folder(tmp_path)
    assert kept.keep("a", b"x") and kept.keep("a", b"x") and not lines
    assert not kept.keep("a", b"y") and (tmp_path / "a").read_bytes() == b"x"
    assert "warning: quarantine a: something else has this name" in lines[0]


def test_a_name_never_leads_out(tmp_path: Path) -> None:
    kept, _ = folder(tmp_path / "q")
    assert kept.keep("../../x", b"1") and (tmp_path / "q" / ".._.._x").read_bytes() == b"1"


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, lines = folder(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert not kept.keep("a", b"x") and not list(tmp_path.iterdir()) and "No space left" in lines[0]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("")
    kept, lines = folder(tmp_path / "q")
    assert not kept.keep("a", b"x") and len(lines) == 1
