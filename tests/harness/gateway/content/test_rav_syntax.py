"""rav_syntax: sections, flags, pairs, and quoted text over several lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.gateway.content.rav_syntax import Entry, read_entries


def one(text: str) -> Entry:
    (entry,), _ = read_entries(text, "rav/x")
    return entry


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [("a = b", "a", "b"), ("a=b", "a", "b"), ("  a  =  b c  ", "a", "b c"), ("wbl_accept yourdomain.com", "wbl_accept", "yourdomain.com"),
     ("a = b = c", "a", "b = c"), ("accuracy_low", "accuracy_low", "")],
)  # fmt: skip
def test_pairs_and_flags(line: str, name: str, value: str) -> None:
    entry = one(line)
    assert (entry.name, entry.value, entry.flag) == (name, value, not value)


def test_sections_of_either_form_and_the_line_of_each_entry() -> None:
    entries, sections = read_entries("x = 1\n# no\n\n@one@\ny = 2\r\n[two]\nz\n", "rav/x")
    assert [(e.section, e.name, e.rule.line) for e in entries] == [("", "x", 1), ("one", "y", 5), ("two", "z", 7)]
    assert {name: rule.line for name, rule in sections.items()} == {"one": 4, "two": 6}


def test_quoted_text_keeps_commas_and_lines() -> None:
    entry = one('a = "one, \\"two\\"\nthree\\\\ \\d"\n')
    assert entry.text() == 'one, "two"\nthree\\ \\d' and entry.items() == (entry.text(),)
    assert one("a = b, c ,, d").items() == ("b", "c", "d")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("@a@\n@a@\n", "rav/x:2: section @a@ is opened a second time"), ('a = "b\n\n', "rav/x:1: the quoted text of a is never closed"),
     ("???", "rav/x:1: neither a section"), ("= b", "rav/x:1: neither a section")],
)  # fmt: skip
def test_mistakes(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_entries(text, "rav/x")
    assert str(caught.value).startswith(complaint)


def test_text_after_the_closing_quote_is_an_error() -> None:
    with pytest.raises(ConfigError, match="text after the closing quote"):
        one('a = "b" c').text()


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        for entry in read_entries(text, "rav/x")[0]:
            entry.items()
    except ConfigError as error:
        assert str(error).startswith("rav/x:")
