"""docs/faults.md says what becomes of a mail under every fault today: in memory, over the wire, on a real Postfix."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_the_column_of_the_reference_gateway_is_current() -> None:
    spec = importlib.util.spec_from_file_location("faults", ROOT / "docs/faults.py")
    assert spec is not None and spec.loader is not None
    faults = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(faults)
    assert faults.document(["direct"]) == (ROOT / "docs/faults.md").read_text("utf-8"), "run nox -s docs"


@pytest.mark.witness
def test_both_columns_are_those_of_runs_over_sockets() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "docs/faults.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
