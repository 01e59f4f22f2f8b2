"""errors: a complaint says where, what, and the nearest right name."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import ConfigError, HarnessError, NothingToDo, TargetError, UsageError, did_you_mean


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (HarnessError("what", file="a.yaml", line=3), "a.yaml:3: what"),
        (HarnessError("what", file="a.yaml"), "a.yaml: what"),
        (HarnessError("what"), "what"),
    ],
)
def test_an_error_prints_its_place_before_what_is_wrong(error: HarnessError, text: str) -> None:
    assert str(error) == text


def test_each_kind_of_error_knows_its_exit_status() -> None:
    assert [kind("x").exit_status for kind in (UsageError, ConfigError, TargetError, NothingToDo)] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    "words",
    [
        "run {0} --target reference --target remote:127.0.0.1:1",
        "bench {0}",
        "report pflogsumm {0}",
        "report spam-stats {0} {0}",
        "coverage {1} --corpus {0}",
        "impact {1} {1} --corpus {0}",
        "mutate {1} --corpus {0}",
        "import {0} --output {0}/x.jsonl",
    ],
)
def test_to_every_command_an_empty_directory_is_nothing_to_do(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text("relay_domains = ok.test\n")
    assert main(words.format(tmp_path / "empty", tmp_path / "gw").split()) == 5
    assert "".join(capsys.readouterr()).count("\n") == 1
    assert not any((tmp_path / "empty").iterdir())


def test_a_near_miss_is_answered_with_the_right_name() -> None:
    assert did_you_mean("dnsquery", ["dns_query", "delivery"]) == "; did you mean 'dns_query'?"
    assert did_you_mean("zzz", ["dns_query"]) == ""
