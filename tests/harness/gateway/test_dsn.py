"""dsn: NOTIFY, ORCPT and xtext, as smtpd of Postfix 3.7.11 takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.dsn import (
    Attempt,
    Wanted,
    decode_xtext,
    encode_xtext,
    noted,
    parse_notify,
    parse_original,
    telling,
)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("SUCCESS", ("SUCCESS",)),
        ("success,Failure", ("SUCCESS", "FAILURE")),
        ("NEVER", ("NEVER",)),
        ("NEVER,NEVER", ("NEVER", "NEVER")),
        ("NEVER,", ("NEVER",)),
        ("NEVER,DELAY", None),
        ("", None),
        (",", None),
        ("SOON", None),
    ],
)
def test_notify(text: str, events: tuple[str, ...] | None) -> None:
    assert parse_notify(text) == events


@pytest.mark.parametrize(
    ("text", "original"),
    [
        ("rfc822;a+40b.test", "rfc822;a@b.test"),
        ("rfc822;a@b.test", "rfc822;a@b.test"),
        ("utf-8;x", "utf-8;x"),
        ("rfc822;", "rfc822;"),
        ("rfc822", None),
        (";x", None),
        ("rfc822;a+4x", None),
        ("rfc822;a+", None),
    ],
)
def test_original_recipient(text: str, original: str | None) -> None:
    assert parse_original(text) == original


@given(st.text(st.characters(max_codepoint=255)))
def test_xtext_round_trip(text: str) -> None:
    encoded = encode_xtext(text)
    assert encoded.isascii() and "=" not in encoded and " " not in encoded
    decoded = decode_xtext(encoded)
    assert decoded is not None
    assert decoded == text if text.isascii() else decoded.encode("latin-1").decode("utf-8") == text


@given(st.text())
def test_no_text_is_too_odd_to_decode_or_refuse(text: str) -> None:
    assert decode_xtext(text) is None or "+" in text or decode_xtext(text) == text


@pytest.mark.parametrize(
    ("notify", "told"),
    [
        ((), {"FAILURE", "DELAY"}),
        (("NEVER",), set()),
        (("SUCCESS",), {"SUCCESS"}),
        (("FAILURE", "DELAY"), {"FAILURE", "DELAY"}),
    ],
)
def test_who_is_told_of_what(notify: tuple[str, ...], told: set[str]) -> None:
    attempt = Attempt("u@ok.test", "5.1.1", "gone")
    (attempt,) = noted([attempt], {"u@ok.test": [Wanted(notify)]}, {})
    assert {event for event in ("SUCCESS", "FAILURE", "DELAY") if telling([attempt], event)} == told
