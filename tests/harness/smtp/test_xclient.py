"""xclient: attributes in xtext."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.xclient import format_command, parse_attributes, xtext_quote, xtext_unquote


@given(st.text(max_size=30))
def test_xtext_makes_the_round_trip(text: str) -> None:
    assert xtext_unquote(xtext_quote(text)) == text
    assert xtext_quote(text).isascii() and " " not in xtext_quote(text)


def test_a_command_says_what_it_is_told_and_is_understood() -> None:
    said = {"NAME": "[UNAVAILABLE]", "ADDR": "2001:db8::1", "LOGIN": "a=b c"}
    command = format_command(said)
    assert command == "XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1 LOGIN=a+3Db+20c"
    assert parse_attributes(command.split()[1:]) == said


@pytest.mark.parametrize("words", [["NAME"], ["NOSUCH=x"], ["NAME=+zz"], ["=x"]])
def test_what_is_wrong_is_said_in_words(words: list[str]) -> None:
    assert isinstance(parse_attributes(words), str)
