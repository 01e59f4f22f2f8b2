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
        ("/a/E end", "a", "end"),
        ("/(a)(b)?/ [$2]", "a", "[]"),
        ("/\\bname=\\=/ twice", "name==x", "twice"),
    ],
)
def test_rules(opened: Open, rule: str, key: str, expected: str | None) -> None:
    assert value(opened("pcre", rule + "\n"), key) == expected


def test_a_bad_pattern_is_skipped_with_a_warning(opened: Open, warned: list[str]) -> None:
    assert value(opened("pcre", "/(/ x\n/z/ ok\n"), "z") == "ok"
    assert "error in regex" in warned[0] and "skipping this rule" in warned[0]


def test_a_catastrophic_pattern_gives_up_and_finds_nothing(opened: Open) -> None:
    assert value(opened("pcre", "/^(a+)+$/ x\n"), "a" * 40 + "b") is None


def test_the_paper_s_double_extension_check_never_fires(opened: Open) -> None:
    table = opened("pcre", '/^.*name=\\=".*\\.(pif|scr|com)\\ "$/ REJECT\n')
    assert value(table, 'Content-Type: x; name="a.txt.pif"') is None
    assert value(table, 'Content-Type: x; name=="a.txt.pif "') == "REJECT"
