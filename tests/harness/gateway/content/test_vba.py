"""vba: the compression of macro sources."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.vba import VbaError, decompress


def test_the_example_of_the_specification() -> None:
    """MS-OVBA 3.2.2: "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"."""
    packed = bytes.fromhex(
        "012fb000236161616263646582660070616768696a013808616b6c00306d6e6f700671027004107273747576107778797a003c"
    )
    assert decompress(packed) == b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"


@given(st.binary(max_size=200))
def test_any_bytes_end(data: bytes) -> None:
    try:
        decompress(b"\1" + data)
    except VbaError:
        pass
