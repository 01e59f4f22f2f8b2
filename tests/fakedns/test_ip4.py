"""ip4: addresses as list files write them."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedns.dataset import LineError
from fakedns.ip4 import from_name, in_masks, plain_address, read_range, shown

number = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    ("entry", "first", "last", "rest"),
    [
        ("10.0.0.5", "10.0.0.5", "10.0.0.5", ""),
        ("10.0.0.5 :2:x", "10.0.0.5", "10.0.0.5", ":2:x"),
        ("10.0.0.5:2:x", "10.0.0.5", "10.0.0.5", ":2:x"),
        ("10.4.5", "10.4.5.0", "10.4.5.255", ""),
        ("10/8", "10.0.0.0", "10.255.255.255", ""),
        ("10.4.5-7", "10.4.5.0", "10.4.7.255", ""),
        ("10.0.0.1-3", "10.0.0.1", "10.0.0.3", ""),
        ("10.0.0.1-10.0.1.3 text", "10.0.0.1", "10.0.1.3", "text"),
    ],
)
def test_ranges(entry: str, first: str, last: str, rest: str) -> None:
    assert read_range(entry) == (int(IPv4Address(first)), int(IPv4Address(last)), rest)


@pytest.mark.parametrize(
    "entry", ["10", "10.0.0.5/24", "10.0.0.5-2", "10.0.0.5/33", "10.0.0.300", "10..1", "x", "10.0.0.5x", "10.0.0.5-"]
)
def test_what_is_no_range(entry: str) -> None:
    with pytest.raises(LineError):
        read_range(entry)


@given(number)
def test_a_reversed_name_round_trips(value: int) -> None:
    assert from_name(".".join(reversed(shown(value).split(".")))) == value == plain_address(shown(value))


@given(number, number)
def test_masks_cover_a_range_without_a_gap(one: int, other: int) -> None:
    first, last = min(one, other), max(one, other)
    last = min(last, first + 70_000)
    at = first
    for network, bits in in_masks(first, last):
        assert network == at
        at += 1 << 32 - bits
    assert at == last + 1


@given(st.text(max_size=20))
def test_any_entry_is_read_or_refused(entry: str) -> None:
    try:
        first, last, _ = read_range(entry)
    except LineError:
        return
    assert 0 <= first <= last < 2**32
