"""xclient: attributes in xtext."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.xclient import format_command, normal_address, parse_attributes, xtext_quote, xtext_unquote


@given(st.text(max_size=30))
def test_xtext_makes_the_round_trip(text: str) -> None:
    assert xtext_unquote(xtext_quote(text)) == text
    assert xtext_quote(text).isascii() and " " not in xtext_quote(text)


def test_a_command_says_what_it_is_told_and_is_understood() -> None:
    said = {"NAME": "[UNAVAILABLE]", "ADDR": "2001:db8::1", "LOGIN": "a=b c"}
    command = format_command(said)
    assert command == "XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1 LOGIN=a+3Db+20c"
    assert parse_attributes(command.split()[1:]) == said | {"ADDR": "IPV6:2001:db8::1"}


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("NAME", "Error: attribute=value expected"), ("name=", "Error: attribute=value expected"),
        ("NoSuch=x", "Bad XCLIENT attribute name: NoSuch"), ("=x", "Bad XCLIENT attribute name: "),
        ("Name=+zz", "Bad NAME syntax: +zz"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(word: str, says: str) -> None:
    assert parse_attributes([word]) == says


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("192.0.010.9", "192.0.8.9"), ("192.0.2.08", None), ("192.0.2.300", None), ("2001:db8::8", None),
        ("ipv6:2001:DB8:0::8", "2001:db8::8"), ("IPV6:::ffff:c000:201", "192.0.2.1"), ("IPV6:192.0.2.1", None),
        ("IPV6:2001:db8:1", None), ("IPV6:::1.2.3.4", "::1.2.3.4"), ("IPV6:::", "::"), ("0.0.0.0", "0.0.0.0"),
    ],
)  # fmt: skip
def test_an_address_is_made_normal(value: str, address: str | None) -> None:
    assert normal_address(value) == address


def test_without_ipv6_only_what_stands_for_an_ipv4_address_is_one() -> None:
    assert normal_address("IPV6:2001:db8::8", ipv6=False) is None
    assert normal_address("IPV6:::ffff:192.0.2.1", ipv6=False) == "192.0.2.1"
