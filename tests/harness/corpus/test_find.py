"""find: a file beside the scenario, or below the nearest `corpus`."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.find import default_scenarios, find, read, shipped
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


def test_without_a_corpus_directory_it_is_the_shipped_one(tmp_path: Path) -> None:
    assert b"yourdomain.com" in read("corpus:zones/world.zone", tmp_path / "nowhere" / "s.yaml")


def test_an_installed_package_brings_its_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "harness"
    (package / "shipped" / "corpus").mkdir(parents=True)
    (package.parent / "scenarios").mkdir()  # of somebody else
    monkeypatch.setattr("harness.__file__", str(package / "__init__.py"))
    assert shipped("corpus") == package / "shipped" / "corpus"
    assert shipped("scenarios") is None
    with pytest.raises(ScenarioError, match=r"no directory `corpus` above .*, and none is shipped"):
        (package / "shipped" / "corpus").rmdir()
        find("corpus:x", tmp_path / "nowhere" / "s.yaml")


def test_scenarios_are_those_here_or_the_shipped_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Path(default_scenarios(), "smtp", "helo.yaml").is_file()
    (tmp_path / "scenarios").mkdir()
    assert default_scenarios() == "scenarios"


def test_a_directory_cannot_be_read(scenario: Path) -> None:
    with pytest.raises(ScenarioError, match="Is a directory"):
        read("corpus:messages", scenario)
