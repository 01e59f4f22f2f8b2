"""part: names fit to be shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.part import Part, shown


@given(st.text(max_size=400))
def test_a_shown_name_is_one_printable_line(name: str) -> None:
    assert shown(name).isprintable() and len(shown(name)) <= 255


def test_the_first_name_is_the_one_and_no_bytes_are_printed() -> None:
    part = Part("p", b"secret", ("a", "b"), "text/plain")
    assert part.name == "a" and part.text and not Part("p", b"").name and "secret" not in repr(part)
