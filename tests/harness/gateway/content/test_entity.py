"""entity: header blocks, straight and crooked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.entity import boundaries_of, declared_types, encodings_of, names_of, read_header


def header(text: bytes) -> tuple[list[str], int, int, int]:
    found = read_header(text, 0, len(text), 100)
    return [field.name for field in found.fields], found.body, len(found.junk), found.early


@pytest.mark.parametrize(
    ("text", "fields", "body", "junk", "early"),
    [
        (b"A: 1\nB : 2\n\nbody", ["a", "b"], 12, 0, -1), (b"A: 1\n folded\n\nx", ["a"], 14, 0, -1), (b"no header", [], 0, 0, -1),
        (b"A: 1\nbody", ["a"], 5, 0, -1), (b"A: 1\njunk\nB: 2\n\nx", ["a"], 5, 1, -1), (b"A: 1\n \nB: 2\n\nx", ["a", "b"], 13, 0, 5),
        (b"\nbody", [], 1, 0, -1), (b"", [], 0, 0, -1), (b"A: 1\r\n\r\nx", ["a"], 8, 0, -1),
    ],
)  # fmt: skip
def test_header_blocks(text: bytes, fields: list[str], body: int, junk: int, early: int) -> None:
    assert header(text) == (fields, body, junk, early)


def test_at_most_one_field_more_than_allowed() -> None:
    text = b"A: 1\n" * 50 + b"\n"
    assert len(read_header(text, 0, len(text), 10).fields) == 11


@pytest.mark.parametrize(
    ("text", "encodings"),
    [(b"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: 8bit\n\n", ("7bit",)), (b'Content-Transfer-Encoding: "base64"\n\n', ("base64",)),
     (b"Content-Transfer-Encoding: (x) BASE64\n\n", ("base64",)), (b"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\n", ("base64", "7bit")),
     (b"\n", ())],
)  # fmt: skip
def test_encodings(text: bytes, encodings: tuple[str, ...]) -> None:
    assert encodings_of(read_header(text, 0, len(text), 100).fields) == encodings


def test_names_and_boundaries_in_every_spelling() -> None:
    text = b'Content-Type: multipart/mixed; boundary="a b"; name=x.txt; boundary=c\nContent-Disposition: attachment; filename=y.exe\n\n'
    fields = read_header(text, 0, len(text), 100).fields
    _, kinds, parameters = declared_types(fields)
    assert kinds == ["multipart/mixed"] and names_of(fields, parameters) == ("y.exe", "x.txt")
    spelled, written = boundaries_of(parameters)
    assert spelled[:2] == [b"a b", b"c"] and written == 2


@given(st.binary(max_size=200))
def test_any_bytes_have_a_header_and_a_body(data: bytes) -> None:
    found = read_header(data, 0, len(data), 5)
    assert 0 <= found.body <= len(data)
    assert all(one.end <= two.start for one, two in zip(found.fields, found.fields[1:], strict=False))


@pytest.mark.parametrize(
    ("field", "names"),
    [(b'Content-Type: application/x name="a.exe"', ("a.exe",)), (b'Content-Type: application/x, name="a b.exe"', ("a b.exe",)),
     (b"Content-Disposition: attachment filename=a.exe", ("a.exe",)), (b"Content-Description: a letter.exe", ("a letter.exe",)),
     (b"Content-Description: the annual report", ()), (b"Content-Type: application/x; name=b.txt\nContent-Description: a.exe", ("b.txt",)),
     (b"Content-Type: text/plain; format=flowed", ())],
)  # fmt: skip
def test_a_name_without_its_semicolon_is_a_name_where_there_is_no_other(field: bytes, names: tuple[str, ...]) -> None:
    fields = read_header(field + b"\n\n", 0, len(field) + 2, 10).fields
    assert names_of(fields, declared_types(fields)[2]) == names
