"""docs/formats.md says what the engine says today."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # it asks the engine about every format in every wrapping

ROOT = Path(__file__).parent.parent


def test_the_table_of_formats_is_current() -> None:
    pytest.importorskip("libarchive", reason="libarchive is not installed (Debian: libarchive13)", exc_type=Exception)
    command = [sys.executable, "docs/formats.py", "--check"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
