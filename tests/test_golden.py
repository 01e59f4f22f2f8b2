"""Golden dialogues: what the gateway says to whole sessions, and that a line which changes is noticed and refreshed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.cli import main

ROOT = Path(__file__).parent.parent
GOLDEN = Path("tests", "golden", "__golden__")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the scenarios and their goldens, with the corpus above it."""
    shutil.copytree(ROOT / "tests" / "golden", tmp_path / "tests" / "golden")
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return tmp_path


def test_the_dialogues_are_as_they_were(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tests/golden"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", ["dialogues.junk.transcript", "delivered.eml"])
def test_a_change_is_noticed_and_a_refresh_writes_the_same_bytes(place: Path, name: str) -> None:
    kept = (place / GOLDEN / name).read_bytes()
    (place / GOLDEN / name).write_bytes(kept.replace(b"a", b"o", 1))
    assert main(["run", "tests/golden"]) == 1
    (place / GOLDEN / name).unlink()
    assert main(["run", "tests/golden"]) == 1
    assert main(["run", "tests/golden", "--update-golden"]) == 0
    assert (place / GOLDEN / name).read_bytes() == kept
    assert main(["run", "tests/golden"]) == 0
