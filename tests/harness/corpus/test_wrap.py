"""wrap: containers nest, innermost first."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from harness.corpus.wrap import wrap
from harness.errors import ScenarioError

FILE = ("a.txt", b"hello " * 100)


def test_containers_nest_innermost_first() -> None:
    name, packed = wrap(FILE, ["zip", "gzip"])
    assert name == "a.zip.gz"
    assert zipfile.ZipFile(io.BytesIO(gzip.decompress(packed))).namelist() == ["a.txt"]


def test_an_unknown_container_is_told() -> None:
    with pytest.raises(ScenarioError, match="no container 'zpi'; did you mean 'zip'"):
        wrap(FILE, ["zpi"])
