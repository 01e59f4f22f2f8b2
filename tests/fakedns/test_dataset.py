"""dataset: special entries, values, texts; the answers themselves are compared with rbldnsd's in tests/witness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedns import Zone, mount_list
from fakedns.dataset import BUILT_IN, LineError, Lines, Value, kinds, make_dataset, read_code, read_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (":5:text", Value(b"\x7f\0\0\5", "text")),
        (":5", Value(b"\x7f\0\0\5", "default")),
        (":5:", Value(b"\x7f\0\0\5", None)),
        (":1.2.3.4:x", Value(b"\1\2\3\4", "x")),
        (":1.2:x", Value(b"\1\0\0\2", "x")),
        ("only text", Value(b"\x7f\0\0\3", "only text")),
    ],
)
def test_values(text: str, value: Value) -> None:
    assert read_value(text, Value(b"\x7f\0\0\3", "default")) == value


@pytest.mark.parametrize("text", [":x:", "::x", ":300:x", ":0:x", ":5#x", ":1.2.3.4.5:x", ":1..2:x"])
def test_values_that_are_none(text: str) -> None:
    with pytest.raises(LineError):
        read_value(text, BUILT_IN)


def test_a_code_ends_where_its_digits_end() -> None:
    assert read_code("2:x") == (b"\x7f\0\0\2", ":x")


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([":2:see $ for $$5", "192.0.2.7"], "see 192.0.2.7 for $5"),
        (["$1 one $", ":2:$1/$2", "192.0.2.7"], "one $/$2"),
        (["$= base $= ($)", ":2:r$1", "192.0.2.7"], "base r$1 (192.0.2.7)"),
        (["$= base $= ($)", "192.0.2.7"], "base 192.0.2.7 (192.0.2.7)"),
        (["$= base", ":2:=alone $", "192.0.2.7"], "alone 192.0.2.7"),
    ],
)
def test_texts(lines: list[str], text: str) -> None:
    items = make_dataset("ip4set", Lines(iter(enumerate(lines)), "x")).find("7.2.0.192")
    assert items is not None and items[1].rdata[1:].decode() == text


def test_a_wrong_line_is_left_out_and_named() -> None:
    zone = Zone()
    warnings = mount_list(zone, "rbl.test", "ip4set", ["10.0.0.1", "10.0.0.5/8", "$NOSUCH x", "10.0.0.2"], "my.list")
    assert warnings == [
        "my.list:2: invalid range (non-zero host part)",
        "my.list:3: invalid/unrecognized special entry $NOSUCH",
    ]


@given(
    st.sampled_from(kinds()),
    st.lists(st.text(st.characters(codec="latin-1"), max_size=30), max_size=5),
    st.text(max_size=20),
)
def test_any_text_makes_a_list_that_can_be_asked(kind: str, lines: list[str], name: str) -> None:
    numbered = ((at, line.strip()) for at, line in enumerate(lines) if line.strip() and line.strip()[0] not in "#;")
    make_dataset(kind, Lines(numbered, "x")).find(name)
