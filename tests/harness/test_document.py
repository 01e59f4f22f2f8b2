"""document: YAML 1.2 values, a line for each, and no key that is given twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.document import read_document
from harness.errors import ScenarioError


def read(tmp_path: Path, text: str) -> tuple[dict[str, object], dict[tuple[str | int, ...], int]]:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    return read_document(file, typed_below=("expect",))


def test_words_that_yaml_1_1_would_change_stay_text(tmp_path: Path) -> None:
    data, _ = read(tmp_path, "a: no\nb: 010\nc: 12:30:45\nd: 1e3\ne: ~\n")
    assert data == {"a": "no", "b": "010", "c": "12:30:45", "d": "1e3", "e": None}


def test_below_expect_numbers_and_truth_have_their_types(tmp_path: Path) -> None:
    data, _ = read(tmp_path, "expect: {a: 0, b: true, c: 'true', d: 2.5, e: no, f: [1, x]}\n")
    assert data["expect"] == {"a": 0, "b": True, "c": "true", "d": 2.5, "e": "no", "f": [1, "x"]}


def test_every_path_knows_its_line(tmp_path: Path) -> None:
    _, lines = read(tmp_path, "title: t\nsessions:\n  - id: a\n    chat: |\n      S: 220\n  - id: b\n")
    assert lines[("sessions", 0, "id")] == 3
    assert lines[("sessions", 0, "chat")] == 5, "a block of text begins on the line after the bar"
    assert lines[("sessions", 1)] == 6


def test_from_is_the_sender_below_send_and_only_there(tmp_path: Path) -> None:
    data, _ = read(tmp_path, "send: {from: a@b}\nother: {from: x}\n")
    assert data == {"send": {"sender": "a@b"}, "other": {"from": "x"}}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\na: 2\n", r"a\.yaml:2: key 'a' is given twice"),
        ("a: [1\n", r"a\.yaml:\d+: not YAML"),
        ("- 1\n", r"a\.yaml:1: a scenario is a mapping"),
        ("? [a]\n: 1\n", r"a\.yaml:1: a key is a single word"),
        ("", r"a\.yaml:1: a scenario is a mapping"),
    ],
)
def test_what_is_no_document_is_told_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        read_document(tmp_path / "none.yaml")


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(ScenarioError, match="not UTF-8 text"):
        read_document(tmp_path / "b.yaml")
