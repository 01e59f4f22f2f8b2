"""scratch: in memory where there is room and nobody has chosen another place."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from harness import scratch


@pytest.mark.parametrize(("room", "chosen", "in_memory"), [(0, "/tmp", True), (1 << 62, "/tmp", False),
                                                            (0, "/var/tmp", False)])  # fmt: skip
def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, room: int, chosen: str, in_memory: bool) -> None:
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "_ROOM", room)
    monkeypatch.setattr(tempfile, "tempdir", chosen)
    with scratch.scratch() as made:
        assert Path(made).is_dir()
        assert (Path(made).parent == tmp_path) is in_memory
    assert not Path(made).exists()


def test_a_machine_without_it_takes_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path / "none")
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    with scratch.scratch() as made:
        assert Path(made).parent == Path("/tmp")
