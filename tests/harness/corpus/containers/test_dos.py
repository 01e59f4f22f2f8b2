"""dos: archives of DOS and Windows."""

from __future__ import annotations

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize("word", ["cab", "arj", "lha", "rar", "rar5", "7z", "encrypted_rar", "encrypted_7z"])
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


@pytest.mark.parametrize(
    ("word", "magic"), [("cab", b"MSCF"), ("arj", b"\x60\xea"), ("rar", b"Rar!"), ("7z", b"7z\xbc\xaf")]
)
def test_they_begin_as_they_should(word: str, magic: bytes) -> None:
    assert containers[word](FILE)[1].startswith(magic)


@pytest.mark.parametrize("word", ["cab", "lha", "rar", "rar5", "7z"])
def test_libarchive_reads_them(word: str) -> None:
    memory_reader = pytest.importorskip("libarchive.read", exc_type=ImportError).memory_reader
    with memory_reader(containers[word](FILE)[1]) as archive:
        assert [(entry.pathname, b"".join(entry.get_blocks())) for entry in archive] == [FILE]
