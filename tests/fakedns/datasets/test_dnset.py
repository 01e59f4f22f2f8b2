"""dnset: the name itself, else the longest wildcard."""

from __future__ import annotations

import pytest

from tests.fakedns.datasets.conftest import Find

LINES = [
    "spam.test :3",
    "*.star.test :4",
    ".dot.test :5",
    "!ok.star.test",
    "!.no.dot.test",
    "*.deep.star.test :6",
    "UPPER.test. :7",
]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("spam.test", 3), ("x.spam.test", None), ("star.test", None), ("b.a.star.test", 4), ("ok.star.test", None),
        ("z.ok.star.test", 4), ("dot.test", 5), ("a.dot.test", 5), ("no.dot.test", None), ("k.no.dot.test", None),
        ("m.deep.star.test", 6), ("upper.test", 7), ("", None), ("test", None),
    ],
)  # fmt: skip
def test_names_and_wildcards(find: Find, name: str, code: int | None) -> None:
    assert find("dnset", LINES, name) == (None if code is None else [f"127.0.0.{code}"])


def test_a_name_twice_has_both_values(find: Find) -> None:
    assert find("dnset", ["a.test :2", "a.test :3", "a.test :2", "a.test :4"], "a.test") == [
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.4",
    ]
