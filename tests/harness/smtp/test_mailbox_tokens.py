"""mailbox_tokens: addresses among RFC 822 tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.mailbox_tokens import group_addresses, internal_form, scan


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@ok.test", ["a@ok.test"]),
        ("Joe <a@ok.test>", ["a@ok.test"]),
        ("a@ok.test, b@ok.test", ["a@ok.test", "b@ok.test"]),
        ('"a b"@ok.test', ["a b@ok.test"]),
        ("a@ok.test (comment)", ["a@ok.test"]),
    ],
)
def test_addresses_are_found_among_the_rest(text: str, addresses: list[str]) -> None:
    assert [internal_form(address) for address in group_addresses(text)[0]] == addresses


@given(st.text(alphabet='ab@.<>(),;:" \\[]', max_size=30))
def test_any_text_never_raises(text: str) -> None:
    scan(text)
    group_addresses(text)
