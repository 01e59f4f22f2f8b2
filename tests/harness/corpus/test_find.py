"""find: a file beside the scenario, or below the nearest `corpus`."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.find import find, read
from harness.errors import ScenarioError


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "corpus/messages").mkdir(parents=True)
    (tmp_path / "corpus/messages/letter.eml").write_bytes(b"Subject: x\r\n")
    (tmp_path / "scenarios/deep").mkdir(parents=True)
    (tmp_path / "scenarios/deep/own.eml").write_bytes(b"own")
    return tmp_path / "scenarios/deep/s.yaml"


def test_corpus_means_the_directory_above(scenario: Path) -> None:
    assert read("corpus:messages/letter.eml", scenario) == b"Subject: x\r\n"


def test_other_names_are_beside_the_scenario(scenario: Path) -> None:
    assert find("own.eml", scenario) == scenario.parent / "own.eml"
    assert read("../../corpus/messages/letter.eml", scenario) == b"Subject: x\r\n"


def test_a_missing_file_gets_the_nearest_name(scenario: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no such file; did you mean 'letter\.eml'"):
        read("corpus:messages/leter.eml", scenario)


def test_without_a_corpus_directory_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no directory `corpus` above"):
        find("corpus:x", tmp_path / "nowhere" / "s.yaml")


def test_a_directory_cannot_be_read(scenario: Path) -> None:
    with pytest.raises(ScenarioError, match="Is a directory"):
        read("corpus:messages", scenario)
