"""lzhuf: what the real ARJ packs is in tests/witness/test_archivers.py; here, any bytes end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.lzhuf import LzhufError, expand


@given(st.binary(max_size=400), st.integers(0, 5000))
def test_any_bytes_give_at_most_what_was_asked_for(data: bytes, size: int) -> None:
    try:
        assert sum(len(piece) for piece in expand(data, size, 26624)) <= size
    except LzhufError:
        pass
