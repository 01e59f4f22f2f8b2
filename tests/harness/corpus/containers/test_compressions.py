"""compressions: one file, compressed."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize("word", ["gzip", "bzip2", "xz", "lzma", "zstd", "szdd"])
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


def test_python_gets_the_file_back() -> None:
    assert gzip.decompress(containers["gzip"](FILE)[1]) == FILE[1]
    assert bz2.decompress(containers["bzip2"](FILE)[1]) == FILE[1]
    assert lzma.decompress(containers["xz"](FILE)[1]) == lzma.decompress(containers["lzma"](FILE)[1]) == FILE[1]


def test_names_follow_the_format() -> None:
    assert [containers[word](FILE)[0] for word in ("gzip", "zstd", "szdd")] == ["a.txt.gz", "a.txt.zst", "a.tx_"]
