"""pages: texts, each under its own word."""

from __future__ import annotations

import pytest

from harness.corpus.payload import payloads

WORDS = [word for word in payloads if word.startswith(("html_", "script_", "url_", "scf_"))]


@pytest.mark.parametrize("word", WORDS)
def test_they_are_texts(word: str) -> None:
    assert payloads[word]().isascii()


def test_none_is_another() -> None:
    assert len({payloads[word]() for word in WORDS}) == len(WORDS) > 12
