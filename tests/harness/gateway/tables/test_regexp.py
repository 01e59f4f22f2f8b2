"""regexp: POSIX expressions by the C library."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.gateway import posix_regex
from harness.gateway.table import Table

Open = Callable[..., Table]


def value(table: Table, key: str) -> str | None:
    hit = table.lookup(key)
    return hit.value if hit else None


@pytest.mark.parametrize(
    ("rule", "key", "expected"),
    [
        ("/^a/ yes", "ABC", "yes"),
        ("/^a/i yes", "ABC", None),
        ("!/^a/ no", "b", "no"),
        ("!/^a/ no", "a", None),
        ("/(.*)@(.*)/ $2/${1}/$(2)", "user@ok.test", "ok.test/user/ok.test"),
        ("/a/ cost $$5", "a", "cost $5"),
        ("/^x/!/y$/ both", "x1", "both"),
        ("/^x/!/y$/ both", "xy", None),
        ("/^a.b$/ dot", "a\nb", "dot"),
        ("/^b/m line", "a\nb", "line"),
        ("/[[:digit:]]{3}/ three", "a123", "three"),
        ("/(a|ab)(c|bcd)(d*)/ $1,$2,$3", "abcd", "a,bcd,"),
        ("/\\<foo\\>/ word", "a foo b", "word"),
        ("#a#  hash", "a", None),
        ("|a/b| path", "a/b", "path"),
        ("/a\\/b/ escaped", "a/b", "escaped"),
    ],
)
def test_rules(opened: Open, rule: str, key: str, expected: str | None) -> None:
    assert value(opened("regexp", rule + "\n"), key) == expected


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("/(/ x", "Unmatched ( or"),
        ("/a/z x", 'unknown regexp option "z"'),
        ("/a x", "no closing regexp delimiter"),
        ("/a/ $1", "out of range replacement index"),
        ("/(a)/ $1x", "non-numeric replacement index"),
        ("!/(a)/ $1", "negative match"),
        ("word x", "unrecognized request"),
        ("endif", "ENDIF without matching IF"),
    ],
)
def test_a_bad_rule_is_skipped_with_a_warning(opened: Open, warned: list[str], rule: str, complaint: str) -> None:
    assert value(opened("regexp", f"{rule}\n/z/ ok\n"), "z") == "ok"
    assert complaint in warned[0] and "/etc/postfix/table, line 1" in warned[0]


def test_an_if_holds_for_what_stands_in_it(opened: Open) -> None:
    table = opened("regexp", "if /^a/\n/b/ both\nendif\nif !/^a/\n/b/ other\nendif\n/c/ last\n")
    assert [value(table, key) for key in ("ab", "xb", "ac", "x")] == ["both", "other", "last", None]


def test_a_missing_result_is_empty_and_warned_about(opened: Open, warned: list[str]) -> None:
    assert value(opened("regexp", "/a/\n"), "a") == ""
    assert "using empty string" in warned[0]


def test_a_hit_names_its_line(opened: Open) -> None:
    hit = opened("regexp", "# one\n/a/ yes\n").lookup("a")
    assert hit is not None and (hit.rule.file, hit.rule.line, hit.rule.text) == ("table", 2, "/a/ yes")


@pytest.mark.parametrize(
    ("rule", "key", "expected"),
    [
        ("/a/!/b/ and not", "ab", None),
        ("/a/!/b/ and not", "a", "and not"),
        ("/a/!!/b/ and", "ab", "and"),
        ("/a/!!/b/ and", "a", None),
        ("/[[:alpha:]]/ letter", "é", None),
        ("/é/ no case", "É", None),
        ("/q\\", "q", ""),
    ],
)
def test_what_a_real_postfix_was_seen_to_do(opened: Open, rule: str, key: str, expected: str | None) -> None:
    assert value(opened("regexp", f"{rule}\n"), key) == expected


def test_back_references_that_would_not_end_find_nothing(
    opened: Open, warned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posix_regex, "LIMIT_S", 0.3)
    table = opened("regexp", "/(.*)*(.*)*(.*)*x\\1\\2y/ x\n/(a)\\1x/ $1, the next one\n")
    assert value(table, "a" * 5000 + "x") == "a, the next one"
    assert warned == ["regexp map /etc/postfix/table, line 1: search given up after 0.3 s"]
