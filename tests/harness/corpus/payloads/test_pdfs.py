"""pdfs: the cross-reference table points to the objects."""

from __future__ import annotations

import re

import pytest

from harness.corpus.payload import payloads


@pytest.mark.parametrize("word", ["pdf_plain", "pdf_javascript", "pdf_launch", "pdf_encrypted"])
def test_every_object_lies_where_the_table_says(word: str) -> None:
    data = payloads[word]()
    start = int(re.search(rb"startxref\n(\d+)", data)[1])  # type: ignore[index]
    assert data[start:].startswith(b"xref\n0 ")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", data)]
    assert places and all(data[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, 1))


def test_the_hidden_one_hides_its_names() -> None:
    assert b"JavaScript" not in payloads["pdf_hidden_javascript"]() and b"JavaScript" in payloads["pdf_javascript"]()
