"""zips: zip archives, honest and not."""

from __future__ import annotations

import io
import zipfile

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize(
    "word", ["zip", "stored_zip", "encrypted_zip", "two_names_zip", "hidden_zip", "overlapping_zip", "deflate64_zip"]
)
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


@pytest.mark.parametrize("word", ["zip", "stored_zip", "bzip2_zip", "lzma_zip", "zeros_before_zip"])
def test_python_reads_the_honest_ones_and_the_shifted_one(word: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(containers[word](FILE)[1]))
    assert archive.read("a.txt") == FILE[1] and archive.testzip() is None


def test_a_reader_of_the_directory_alone_misses_the_hidden_file() -> None:
    assert zipfile.ZipFile(io.BytesIO(containers["hidden_zip"](FILE)[1])).namelist() == ["readme.txt"]


def test_the_bomb_is_small_and_says_what_it_is() -> None:
    packed = containers["zip_bomb"](FILE)[1]
    assert len(packed) < 400_000 and zipfile.ZipFile(io.BytesIO(packed)).infolist()[0].file_size == 400_000_000
