from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.impact.ruleset import checked_out

from .conftest import Rules


@pytest.fixture
def repository(tmp_path: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose `gw` has one commit, and a change that is not committed."""
    rules("gw", {"smtpd_banner": "first"})
    environment = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.test"}
    for name, value in (environment | {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.test"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    for command in (["init", "-q"], ["add", "gw"], ["commit", "-qm", "one"]):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "gw" / "main.cf").write_text("smtpd_banner = second\n")
    (tmp_path / "work").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", ["git:HEAD:gw", "git:HEAD"])
def test_a_revision_is_taken_out_of_the_repository(repository: Path, name: str) -> None:
    directory = checked_out(name, "gw", repository / "work")
    assert "smtpd_banner = first" in (directory / "main.cf").read_text()


def test_the_path_of_the_other_side_may_be_absolute_or_a_revision_too(repository: Path) -> None:
    for beside in (str(repository / "gw"), "git:HEAD:gw"):
        assert (checked_out("git:HEAD", beside, repository / "work") / "main.cf").exists()


def test_a_directory_is_taken_as_it_is(repository: Path) -> None:
    assert checked_out("gw", "gw", repository / "work") == Path("gw")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "nowhere: no configuration directory: there is no main.cf"),
        ("git:nosuch:gw", "git:nosuch:gw: git: fatal:"),
        ("git:HEAD:other", "git:HEAD:other: git: fatal:"),
        ("git:", "expects git:REV"),
        ("git:--output=x:gw", "expects git:REV"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(repository: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        checked_out(name, "gw", repository / "work")
    assert message in str(error.value) and "\n" not in str(error.value)
