"""pcre: Perl expressions by PCRE2."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway.table import Table

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


@pytest.mark.parametrize(
    ("rule", "key", "expected"),
    [
        ("/^a(?=b)/ ahead", "AB", "ahead"),
        ("/(?<!x)y/ behind", "ay", "behind"),
        ("/^(\\w+)@/ $1", "user@ok.test", "user"),
        ("/a.b/ dotall", "a\nb", "dotall"),
        ("/a.b/s dotall off", "a\nb", None),
        ("/^\\x{41}$/i hex", "A", "hex"),
        ("/a b/x free", "ab", "free"),
        ("/b/A anchored", "ab", None),
        ("/\\u0061/ JavaScript", "a", None),
        ("/^\\C\\C$/ any two", "é", "any two"),
        ("/^\\\\C$/ a backslash and C", "\\C", "a backslash and C"),
        ("/^\\Qa\\C\\E$/ as it is", "a\\C", "as it is"),
        ("/a/E end", "a", "end"),
        ("/(a)(b)?/ [$2]", "a", "[]"),
        ("/\\bname=\\=/ twice", "name==x", "twice"),
    ],
)
def test_rules(opened: Open, rule: str, key: str, expected: str | None) -> None:
    assert value(opened("pcre", rule + "\n"), key) == expected


def test_a_bad_pattern_is_skipped_with_a_warning(opened: Open, warned: list[str]) -> None:
    assert value(opened("pcre", "/(/ x\n/z/ ok\n"), "z") == "ok"
    assert warned == ["pcre map /etc/postfix/table, line 1: error in regex at offset 1: missing closing parenthesis"]


def test_a_catastrophic_pattern_gives_up_and_finds_nothing(opened: Open) -> None:
    key = "a" * 40 + "b"
    assert value(opened("pcre", "/^(a+)+$/ x\n/b/ the next one\n"), key) == "the next one"
    assert value(opened("pcre", "!/^(a+)+$/ x\n"), key) is None, "neither found nor not found"
    assert value(opened("pcre", "if !/^(a+)+$/\n/b/ x\nendif\n"), key) is None


def test_the_paper_s_double_extension_check_never_fires(opened: Open) -> None:
    table = opened("pcre", '/^.*name=\\=".*\\.(pif|scr|com)\\ "$/ REJECT\n')
    assert value(table, 'Content-Type: x; name="a.txt.pif"') is None
    assert value(table, 'Content-Type: x; name=="a.txt.pif "') == "REJECT"


def test_a_search_that_reaches_a_limit_is_logged_in_the_words_of_postfix(opened: Open, warned: list[str]) -> None:
    opened("pcre", "/x/ y\n/^(a+)+$/ x\n").lookup("a" * 40 + "b")
    assert warned == ["pcre map /etc/postfix/table, line 2: match limit exceeded"]
