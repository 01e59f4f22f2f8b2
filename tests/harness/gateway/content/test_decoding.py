"""decoding: every reading of an encoded body."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.decoding import readings_of


@pytest.mark.parametrize(
    ("body", "encodings", "readings", "wrong"),
    [
        (b"abc\n", (), [b"abc\n"], []), (b"abc\n", ("8bit",), [b"abc\n"], []), (b"YWJj\n", ("base64",), [b"abc"], []),
        (b"a=62c", ("quoted-printable",), [b"abc"], []), (b"YWJj", ("7bit", "base64"), [b"YWJj", b"abc"], ["Mime.TwoEncodings"]),
        (b"YQ==YmM=", ("base64",), [b"abc", b"a"], ["Mime.Base64Padding"]), (b"YWJj", ("x-base64",), [b"YWJj", b"abc"], ["Mime.UnknownEncoding"]),
        (b"!Y!W!J!j!", ("base64",), [b"abc"], []),
    ],
)  # fmt: skip
def test_readings(body: bytes, encodings: tuple[str, ...], readings: list[bytes], wrong: list[str]) -> None:
    found, troubles = readings_of(body, encodings)
    assert found[: len(readings)] == readings and troubles == wrong


def test_a_footer_behind_base64_does_not_spoil_it() -> None:
    readings, _ = readings_of(base64.encodebytes(b"x" * 100) + b"\n-- \nThe list, your list!\n", ("base64",))
    assert any(reading == b"x" * 100 for reading in readings)


@given(
    st.binary(max_size=200),
    st.lists(st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit", "nonsense"]), max_size=3),
)
def test_any_bytes_have_a_reading(body: bytes, encodings: list[str]) -> None:
    readings, _ = readings_of(body, tuple(encodings))
    assert readings
