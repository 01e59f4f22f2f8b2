"""prefilter: it never leaves out a pattern that is in the key, and a table asked through it answers as one asked line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway import patterntable, prefilter
from harness.gateway.patterntable import PatternTable
from harness.gateway.prefilter import Prefilter, translated
from harness.gateway.table import Table, TableContext, open_table


def of(pattern: str, *, perl: bool = True, caseless: bool = True, multiline: bool = False) -> bytes | None:
    return translated(pattern.encode(), perl=perl, caseless=caseless, multiline=multiline)


@pytest.mark.parametrize(
    "pattern", ["^Subject:", "a.*b$", "(a|b)+c", "[a-z0-9._-]+@", "[]x]", "[^]x]", "\\.exe$", "a{2,3}", "[[:alpha:]_]"]
)
def test_what_both_engines_mean_alike_is_translated(pattern: str) -> None:
    for perl in (True, False):
        made = of(pattern, perl=perl)
        assert made is not None and prefilter.usable(made)


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)", "(?<!a)b", "(a)\\1", "(?i)a", "a++", "a{", "a)", "(a", "*a", "a|*", "é", "\\x41", "\\Qa\\E", "[[.a.]]", "[a", "a\\", "(*UTF8)a", "[Z-a]",
     "^*a", "(?P<n>a)", "\\pL", "\\R", "\\K", "a{1001}", "a{2,1}{3}", "[\\x41]", "[[:nosuch:]]"]
)  # fmt: skip
def test_what_they_may_not_is_asked_exactly(pattern: str) -> None:
    assert of(pattern) is None


def test_what_only_perl_has() -> None:
    assert of("\\d+\\s\\b") is not None and of("(?:a)b*?") is not None
    assert of("\\d", perl=False) is None and of("(?:a)", perl=False) is None and of("a+?", perl=False) is None
    assert of("\\<a", perl=False) is None


PIECES = st.sampled_from(
    ["a", "b", "ab", "B", ".", "^", "$", "|", "(", ")", "(a|b)", "*", "+", "?", "[ab]", "[^a]", "[^ab\\n]", "[a-b]", "[[:space:]]", "\\.", "\\s", "\\S",
     "\\d", "\\w", "\\W", "\\b", "a{2}", "{1,2}", " ", "\\n", "[\\s]", "[^\\s]", "[]a]", "(?:a)", "(?=a)", "\\1", "-", "é", "\\t", "[^\\W]", "[[:upper:]]",
     "[^[:upper:]]", "k", "s", "_", "[A-Z]", "[^A-Z]", "[Z-a]", "[^A-z]"]
)  # fmt: skip
PATTERN = st.lists(PIECES, min_size=1, max_size=5).map("".join)
KEY = st.text(st.sampled_from("abABkKsS_ .\n\t\v1-é"), max_size=8)
LINE = st.one_of(
    st.tuples(
        st.sampled_from(["", "", "", "!"]),
        PATTERN,
        st.sampled_from(["", "", "i", "m", "im", "x"]),
        st.sampled_from([" x", " $1", " y"]),
    ).map(lambda parts: f"{parts[0]}/{parts[1]}/{parts[2]}{parts[3]}"),
    st.tuples(st.sampled_from(["if /", "if !/"]), PATTERN).map(lambda parts: f"{parts[0]}{parts[1]}/"),
    st.just("endif"),
)


def opened(directory: Path, kind: str, lines: list[str]) -> PatternTable:
    (directory / "table").write_text(
        "".join(
            f"{line} {number}\n" if line != "endif" and not line.startswith("if") else f"{line}\n"
            for number, line in enumerate(lines)
        )
    )
    table: Table = open_table(f"{kind}:table", TableContext(directory, lambda text: None))
    assert isinstance(table, PatternTable)
    return table


@pytest.mark.parametrize("kind", ["regexp", "pcre"])
def test_the_answer_is_that_of_asking_every_line(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterntable, "_MANY", 1)

    @given(st.lists(LINE, min_size=1, max_size=8), st.lists(KEY, min_size=1, max_size=12))
    def same(lines: list[str], keys: list[str]) -> None:
        table = opened(tmp_path, kind, lines)
        for key in keys:
            data = key.partition("\0")[0].encode()
            assert table.lookup(key) == table._ask(data, range(len(table._steps))), key
            if table._prefilter is not None and (named := table._prefilter.candidates(data)) is not None:
                for place, step in enumerate(table._filtered):  # each by itself, whatever stands before it
                    if table._steps[step].matcher.find(data) is not None:
                        assert place in named, (lines[step], key)

    same()


def words(number: int) -> list[str]:
    return [f"/^Subject:.*(a{place:03}|b{place:03}[0-9]+x{place:03}).*end{place:03}/ REJECT" for place in range(number)]


def test_many_rules_are_one_pass_and_few_are_asked_one_by_one(tmp_path: Path) -> None:
    few, many = opened(tmp_path, "pcre", words(5)), opened(tmp_path, "pcre", ["if /./", *words(40), "endif"])
    assert few._prefilter is None and many._prefilter is not None
    hit = many.lookup("Subject: b00723x007 and end007")
    assert hit is not None and hit.value == "REJECT 8"
    assert many.lookup("Subject: b00723x008 and end007") is None


@pytest.mark.parametrize("memory", [1 << 12, 1 << 16, 1 << 18, 1 << 20])
def test_a_set_that_runs_out_of_memory_leaves_nothing_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: int
) -> None:
    monkeypatch.setattr(prefilter, "_MEMORY", memory)
    table = opened(tmp_path, "regexp", words(60))
    for place in range(60):
        key = f"Subject: {' '.join(f'a{other:03} b{other:03}9x' for other in range(60))} b{place:03}4711x{place:03} end{place:03}"
        hit = table.lookup(key)
        assert hit is not None and hit.value == f"REJECT {place}"


def test_a_set_that_says_nothing_is_told_apart_from_one_that_finds_nothing() -> None:
    made = Prefilter([b"(?:a)", b"(?:b)"])
    assert made.candidates(b"xbx") == [1] and made.candidates(b"") == []
    made._match = lambda key: []
    assert made.candidates(b"xbx") is None
    made._match = lambda key: [0]
    assert made.candidates(b"xbx") is None
