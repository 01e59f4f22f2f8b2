"""choice: what pytest chooses by -k and -m, chosen without pytest; pytest's own expressions are the witness."""

from __future__ import annotations

import pytest
from _pytest.mark.expression import Expression
from hypothesis import given
from hypothesis import strategies as st

from harness.choice import named, tagged
from harness.errors import UsageError

NAMES = ["Listed[dns=up]", "rbl.yaml", "policy", "rfc5321", "not-a-word"]
TEXT = st.lists(
    st.sampled_from(["and", "or", "not", "(", ")", "listed", "RBL", "dns=", "nobody", "policy", "[", "x:y", "&", "no-"])
).map(" ".join)


@given(TEXT)
def test_an_expression_means_what_it_means_to_pytest(text: str) -> None:
    try:
        theirs = Expression.compile(text)
    except SyntaxError:
        with pytest.raises(UsageError, match="-k: expects"):
            named(text)
        return
    if text:
        assert named(text)(NAMES) == theirs.evaluate(lambda word, **_: any(word.lower() in n.lower() for n in NAMES))
        assert tagged(text)(NAMES) == theirs.evaluate(lambda word, **_: word in NAMES)


@pytest.mark.parametrize(
    ("text", "by_name", "by_tag"),
    [
        ("", True, True),
        ("LIST", True, False),
        ("rfc5321 and not list", False, True),
        ("(a or policy) and rbl", True, False),
    ],
)
def test_names_hold_a_word_and_tags_are_one(text: str, by_name: bool, by_tag: bool) -> None:
    assert (named(text)(NAMES), tagged(text)(NAMES)) == (by_name, by_tag)


@pytest.mark.parametrize("text", ["good and", "and", "(good", "good)", "good bad", "a & b", "not", "()"])
def test_what_is_no_expression_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="-m: expects"):
        tagged(text)
