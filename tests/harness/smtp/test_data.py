"""data: stuffing and line ends make the round trip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.data import (
    break_lines,
    dot_stuff,
    finish,
    mend_start,
    read_content,
    size_of,
    to_crlf,
    to_wire,
    within,
)

CONTENT = st.lists(st.sampled_from([b"a", b".", b"\n", b"\r", b"..", b"From ", b"\n.\n"]), max_size=12).map(b"".join)


@given(CONTENT)
def test_what_goes_on_the_wire_comes_off_it(data: bytes) -> None:
    content = data.replace(b"\r", b"") + b"\n"
    wire = to_wire(content)
    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    assert read_content(wire.removesuffix(b".\r\n")).data == content


@given(CONTENT)
def test_no_line_on_the_wire_is_a_lone_dot_but_the_last(data: bytes) -> None:
    assert (b"\r\n" + to_wire(data.replace(b"\r", b""))).count(b"\r\n.\r\n") == 1


@pytest.mark.parametrize(
    ("wire", "police", "data", "bare"),
    [
        (b"a\r\nb\r\n", False, b"a\nb\n", False),
        (b"a\nb\r\n", False, b"a\nb\n", True),
        (b"a\r\r\nb\r\n", False, b"a\nb\n", False),
        (b"a\r\r\nb\r\n", True, b"a\r\nb\n", False),
        (b"a\rb\r\n", False, b"a\rb\n", False),
    ],
)
def test_line_ends(wire: bytes, police: bool, data: bytes, bare: bool) -> None:
    content = read_content(wire, police=police)
    assert (content.data, content.bare_newline) == (data, bare)


def test_each_line_counts_its_length_and_two() -> None:
    assert size_of(b"abc\n\n") == 5 + 2
    assert size_of(b"abc") == 5
    assert size_of(b"x" * 3000 + b"\n") == 3000 + 4, "a line that is too long is two records"


def test_a_mailbox_line_becomes_a_header_and_an_indented_one_a_body() -> None:
    assert mend_start(b"From joe\nSubject: x\n") == b"X-Mailbox-Line: From joe\nSubject: x\n"
    assert mend_start(b" indented\n") == b"\n indented\n"
    assert mend_start(b"Subject: x\n") == b"Subject: x\n"


def test_small_helpers() -> None:
    assert dot_stuff(b".a\r\n.b") == b"..a\r\n..b"
    assert finish(b"") == b".\r\n" and finish(b"a") == b"a\r\n.\r\n"
    assert to_crlf(b"a\nb\r\nc\rd") == b"a\r\nb\r\nc\rd"


# What smtp(8) of 3.7.11 made of lines of these lengths, with its limit of 998.
BROKEN = [
    (997, [997]),
    (998, [998]),
    (999, [998, 2]),
    (1995, [998, 998]),
    (1996, [998, 998, 2]),
    (2049, [998, 998, 55]),
    (2992, [998, 998, 998]),
    (2993, [998, 998, 998, 2]),
]


@pytest.mark.parametrize(("length", "pieces"), BROKEN)
def test_a_line_is_broken_where_smtp_breaks_it(length: int, pieces: list[int]) -> None:
    broken = break_lines(b"first\n" + b"x" * length + b"\nlast\n", 998)
    assert [len(line) for line in broken.split(b"\n")] == [5, *pieces, 4, 0]
    assert broken.replace(b"\n ", b"") == b"first\n" + b"x" * length + b"\nlast\n"
    assert broken.count(b"\n x") == len(pieces) - 1


@given(st.lists(st.sampled_from([b"x", b"y" * 30, b"\n"]), max_size=30).map(b"".join), st.integers(2, 30))
def test_no_line_is_longer_and_nothing_is_lost(data: bytes, limit: int) -> None:
    broken = break_lines(data, limit)
    assert max(map(len, broken.split(b"\n"))) <= limit
    assert broken.replace(b"\n ", b"") == data
    assert break_lines(data, 0) == data


@pytest.mark.parametrize(
    ("limit", "kept"),
    [
        (0, b""),
        (2, b""),
        (3, b"a\n"),
        (6, b"a\n"),
        (7, b"a\nbb\n"),
        (2056, b"a\nbb\n"),
        (2057, b"a\nbb\n" + b"c" * 2048),
    ],
)
def test_lines_within_a_limit_are_counted_as_smtpd_counts_them(limit: int, kept: bytes) -> None:
    data = b"a\nbb\n" + b"c" * 3000 + b"\n"
    assert within(data, limit) == kept
