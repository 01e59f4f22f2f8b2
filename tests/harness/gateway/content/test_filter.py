"""filter: ordered rules on subject, file name and body, in linear time."""

from __future__ import annotations

import time

from harness.gateway.content.filter import Filter, filtered
from harness.gateway.content.linear import compile_pattern
from harness.gateway.content.part import Part
from harness.gateway.rule import Rule


def rules(*patterns: str) -> tuple[Filter, ...]:
    return tuple(Filter(compile_pattern(p), (), Rule("rav/global", line, p)) for line, p in enumerate(patterns, 1))


def found(
    title: str = "", parts: tuple[Part, ...] = (), charset: str = "", **filters: tuple[Filter, ...]
) -> list[tuple[str, str, int]]:
    every = {f"filter_{kind}": filters.get(kind, ()) for kind in ("subject", "attachment", "content")}
    return [(f.filtered, f.path, f.rule.line) for f in filtered(every, title, parts, {0: charset})]


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


def test_tags_that_never_end_cost_no_time() -> None:
    started = time.process_time()
    found(parts=(Part("p", b"<a" * 100_000, type="text/html"),), content=rules("prize"))
    assert time.process_time() - started < 2.0


def test_a_text_is_read_in_its_character_set() -> None:
    (rule,) = rules("\u043f\u0440\u0438\u0437")
    part = Part("p", "\u043f\u0440\u0438\u0437".encode("koi8-r"), type="text/plain")
    assert found(parts=(part,), charset="koi8-r", content=(rule,)) and not found(parts=(part,), content=(rule,))


def test_a_page_is_also_read_as_it_is_shown() -> None:
    page = b"<p>w<b></b>in a pri&#122;e</p>"
    assert found(parts=(Part("p", page, type="text/html"),), content=rules("win a prize"))
    assert not found(parts=(Part("p", page, type="text/plain"),), content=rules("win a prize"))


def test_a_rule_reaches_to_the_end_of_a_long_text() -> None:
    assert found(parts=(Part("p", b"filling " * 500_000 + b"prize", type="text/plain"),), content=rules("prize"))
