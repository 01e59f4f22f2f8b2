"""documents: a file inside a document."""

from __future__ import annotations

import io

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize(
    "word", ["ole_package", "rtf_package", "pdf_attachment", "html_smuggling", "data_url", "onenote"]
)
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


def test_olefile_finds_the_stream() -> None:
    olefile = pytest.importorskip("olefile")
    with olefile.OleFileIO(io.BytesIO(containers["ole_package"](FILE)[1])) as ole:
        assert FILE[1] in ole.openstream(["ObjectPool", "\x01Ole10Native"]).read()
        assert not ole.parsing_issues


@pytest.mark.parametrize("word", ["html_smuggling", "rtf_package", "pdf_attachment"])
def test_the_file_does_not_lie_there_plainly(word: str) -> None:
    assert FILE[1] not in containers[word](FILE)[1]
