from __future__ import annotations

import pytest

from harness.corpus.sample import label_of


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        (("clean",), "ham"),
        (("x", "eicar"), "malware"),
        (("spoofed", "clean"), "spam"),
        (("x",), "unknown"),
        ((), "unknown"),
    ],
)
def test_the_first_tag_that_says_anything_counts(tags: tuple[str, ...], label: str) -> None:
    assert label_of(tags) == label
