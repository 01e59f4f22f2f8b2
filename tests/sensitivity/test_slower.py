"""slower: what takes so long takes a fifth longer, whatever it does; and the runs are summed up as they were."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sensitivity_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_it_spins_for_a_fifth_of_what_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    uvloop = pytest.importorskip("uvloop")
    monkeypatch.setattr(uvloop.Loop, "create_server", uvloop.Loop.create_server)
    slower = module(HERE / "slower" / "sitecustomize.py")

    class Connection:
        def unhurried(self, data: bytes) -> None:
            until = time.thread_time() + float(data)
            while time.thread_time() < until:
                pass

    slower._then_spin(Connection(), b"0")  # from now on it is known what was taken before
    before = time.thread_time()
    for _ in range(5):
        slower._then_spin(Connection(), b"0.01")
    assert 0.06 <= time.thread_time() - before < 0.075


def test_counts_and_their_limits(capsys: pytest.CaptureFixture[str]) -> None:
    runs = module(HERE / "runs.py")
    made = [{"side": side, "fail": "x:+1%", "status": status, "line": "x"}
            for side, status in [("a fifth slower", 99)] * 19 + [("a fifth slower", 6)] + [("unchanged", 0)] * 19 + [("unchanged", 99)]]  # fmt: skip
    assert runs.summary(made, "x:+1%") == 0
    assert "a fifth slower  20 runs: not known 1, slower 19" in capsys.readouterr().out
    assert runs.summary([*made, {**made[-1]}], "x:+1%") == 1 and runs.summary(made[2:], "x:+1%") == 1
    assert "| `x:+1%` | unchanged | 20 | 1 | 19 | 0 |" in runs.page(made)
