"""programs: a file behind or inside something else."""

from __future__ import annotations

import io
import zipfile

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize("word", ["overlay", "self_extractor", "gif_and_zip", "pdf_at_1000", "lnk_overlay"])
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


def test_a_picture_that_is_an_archive_too() -> None:
    name, data = containers["gif_and_zip"](FILE)
    assert name == "a.gif" and data.startswith(b"GIF89a")
    assert zipfile.ZipFile(io.BytesIO(data)).read("a.txt") == FILE[1]
