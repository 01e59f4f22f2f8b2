"""doctor: what is here and what is not, each with what it would be for."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import doctor
from harness.target import targets


def test_each_thing_is_named_with_its_state(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_PACKAGES", ("pytest", "no-such-package"))
    monkeypatch.setattr(doctor.shutil, "which", lambda name, path=None: "/bin/dig" if name == "dig" else None)
    assert doctor.doctor() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"pytest       {pytest.__version__}"
    assert lines[2] == "no-such-package missing"
    assert any(line.startswith("dig          /bin/dig: ") for line in lines)
    assert any(line.startswith("swaks        missing (Debian: swaks): ") for line in lines)
    assert {line.split()[1].rstrip(":") for line in lines if line.startswith("target ")} == set(targets)
    assert "target remote: is at remote:HOST:PORT[,proxy|,proxy-v2]" in lines


def test_every_package_named_is_one_that_is_needed() -> None:
    needed = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert [name for name in doctor._PACKAGES if name not in needed] == []
