"""filter: ordered rules on subject, file name and body, in linear time."""

from __future__ import annotations

import time

from harness.gateway.content.filter import Filter, filtered
from harness.gateway.content.linear import compile_pattern
from harness.gateway.content.part import Part
from harness.gateway.rule import Rule


def rules(*patterns: str) -> tuple[Filter, ...]:
    return tuple(Filter(compile_pattern(p), (), Rule("rav/global", line, p)) for line, p in enumerate(patterns, 1))


def found(title: str = "", parts: tuple[Part, ...] = (), **filters: tuple[Filter, ...]) -> list[tuple[str, str, int]]:
    every = {f"filter_{kind}": filters.get(kind, ()) for kind in ("subject", "attachment", "content")}
    return [(f.filtered, f.path, f.rule.line) for f in filtered(every, title, parts)]


def test_the_first_rule_that_matches_counts_and_only_it() -> None:
    assert found("win the lottery", subject=rules("nothing", "lottery", "win")) == [("subject", "mail", 2)]
    assert found("hello", subject=rules("nothing")) == []


def test_letter_case_is_ignored_and_any_text_is_read() -> None:
    assert found("GRATIS \udcff", subject=rules("gratis")) == [("subject", "mail", 1)]


def test_each_name_of_each_part_is_looked_at() -> None:
    parts = (Part("part0001", b"x", type="text/plain"), Part("part0002:a.txt", b"x", ("a.txt", "a.exe"), entity=3))
    assert found(parts=parts, attachment=rules(r"\.exe$")) == [("attachment", "part0002:a.txt", 1)]


def test_only_text_is_searched_for_content() -> None:
    parts = (Part("part0001", b"win a prize", type="text/plain"), Part("part0002", b"win a prize", type="image/png"))
    assert found(parts=parts, content=rules("prize")) == [("content", "part0001", 1)]


def test_a_pattern_that_would_stall_a_backtracking_engine_costs_no_time() -> None:
    text = b"a" * 200_000 + b"!"
    started = time.process_time()
    assert found(parts=(Part("p", text, type="text/plain"),), content=rules(r"(a+)+$", r"(a|aa)+$")) == []
    assert time.process_time() - started < 2.0
