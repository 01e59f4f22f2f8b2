"""unix: tar, cpio and ar."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize("word", ["tar", "cpio", "ar"])
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


def test_python_reads_the_tar() -> None:
    with tarfile.open(fileobj=io.BytesIO(containers["tar"](FILE)[1])) as archive:
        member = archive.extractfile("a.txt")
        assert member is not None and member.read() == FILE[1]


@pytest.mark.parametrize("tool", [["cpio", "-i", "--to-stdout", "--quiet"]])
def test_cpio_reads_the_cpio(tool: list[str]) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip("no cpio here")
    assert subprocess.run(tool, input=containers["cpio"](FILE)[1], capture_output=True, check=True).stdout == FILE[1]
