"""literal_search: few or many, short or long, the same answer as asking one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.literal_search import LiteralSearch

SMALL = st.binary(min_size=1, max_size=3).map(lambda data: bytes(byte % 3 for byte in data))


@given(st.lists(SMALL, max_size=60), st.binary(max_size=80).map(lambda data: bytes(byte % 3 for byte in data)))
def test_the_same_as_one_by_one(literals: list[bytes], data: bytes) -> None:
    assert LiteralSearch(literals).places_in(data) == [place for place, one in enumerate(literals) if one in data]


@pytest.mark.parametrize("place", [0, 131_000, 131_070, 131_072, 262_140])
def test_across_the_edges_of_what_is_searched_at_once(place: int) -> None:
    literals = [b"needle-%d" % number for number in range(100)]
    data = bytearray(300_000)
    data[place : place + 9] = b"needle-42"
    assert LiteralSearch(literals).places_in(bytes(data)) == [4, 42]
