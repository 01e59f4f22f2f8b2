"""substitute: values for names, in every text of a tree, and a complaint for a name nobody declared."""

from __future__ import annotations

import pytest

from harness.errors import ScenarioError
from harness.substitute import substitute


def fail(at: tuple[str | int, ...], what: str) -> ScenarioError:
    return ScenarioError(f"{'.'.join(map(str, at))}: {what}")


def test_names_are_replaced_wherever_text_stands() -> None:
    data = {"a": "x {{ n }} y", "b": ["{{n}}", 3, None], "c": {"d": "{{ n }}{{ m }}"}}
    assert substitute(data, {"n": "1", "m": "2"}, fail) == {"a": "x 1 y", "b": ["1", 3, None], "c": {"d": "12"}}


def test_an_unknown_name_is_an_error_with_its_path() -> None:
    with pytest.raises(ScenarioError, match=r"a\.0: no variable 'rctp'; did you mean 'rcpt'"):
        substitute({"a": ["{{ rctp }}"]}, {"rcpt": "x"}, fail)


def test_a_chat_may_name_what_it_captures_itself() -> None:
    assert substitute({"chat": "C: {{ token }}"}, {}, fail) == {"chat": "C: {{ token }}"}


def test_replaced_text_is_not_read_again() -> None:
    assert substitute("{{ a }}", {"a": "{{ b }}", "b": "no"}, fail) == "{{ b }}"
