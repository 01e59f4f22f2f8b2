"""part: names fit to be shown."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.part import Part, leaves_directory, shown, textual


@given(st.text(max_size=400))
def test_a_shown_name_is_one_printable_line(name: str) -> None:
    assert shown(name).isprintable() and len(shown(name)) <= 255


def test_the_first_name_is_the_one_and_no_bytes_are_printed() -> None:
    part = Part("p", b"secret", ("a", "b"), "text/plain")
    assert part.name == "a" and part.text and not Part("p", b"").name and "secret" not in repr(part)


@pytest.mark.parametrize(
    ("link", "target", "leaves"),
    [("", "a/b", False), ("", "../a", True), ("", "a/../../b", True), ("", "/etc/passwd", True), ("", "C:\\x", True), ("", "..\\x", True),
     ("a/b", "../c", False), ("a/b", "../../c", True), ("", "/", False), ("", "//", False), ("", "a/./b", False)],
)  # fmt: skip
def test_names_and_links_that_leave_their_directory(link: str, target: str, leaves: bool) -> None:
    assert leaves_directory(link, target) is leaves


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", True), (b"a letter\nof two lines\n", True), (b"a NUL\0 in it", True), ("caf\u00e9 ".encode() * 50, True),
     (bytes(64), False), (Random(1).randbytes(4096), False), (b"PK\3\4" + bytes(60), False)],
)  # fmt: skip
def test_a_text_stays_one_with_a_few_control_characters(data: bytes, text: bool) -> None:
    assert textual(data) is text
