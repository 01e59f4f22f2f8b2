"""images: images of disks."""

from __future__ import annotations

import pytest

from harness.corpus.container import containers

FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize("word", ["iso", "vhd"])
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert containers[word](FILE) == containers[word](FILE)


def test_the_file_lies_in_a_sector_of_its_own() -> None:
    name, image = containers["iso"](FILE)
    assert name == "a.iso" and image[21 * 2048 :].startswith(FILE[1]) and len(image) % 2048 == 0


def test_the_footer_of_a_virtual_disk() -> None:
    assert containers["vhd"](FILE)[1][-512:].startswith(b"conectix")
