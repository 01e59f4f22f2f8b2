"""pdf_names: names as a reader compares them."""

from __future__ import annotations

import pytest

from harness.gateway.content.pdf_names import unescaped


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"/J#61vaScript", b"/JavaScript"),
        (b"/A#42 #41", b"/AB #41"),
        (b"(#41)", b"(#41)"),
        (b"/A#4", b"/A#4"),
        (b"plain", b"plain"),
    ],
)
def test_only_names_are_spelled_out(written: bytes, read: bytes) -> None:
    assert unescaped(written) == read
