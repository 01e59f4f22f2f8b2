"""option: a number out of its bounds is wrong usage, for every command, and nothing has begun."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError

import pytest

from harness.cli import main
from harness.option import percent, processes, seconds, whole


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", ""])
def test_what_is_no_such_number_is_told(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="1 or more"):
        whole(1)(text)


def test_what_is_within_the_bounds_is_taken() -> None:
    assert (whole(1)("1"), whole(0)("0"), percent("0"), percent("97.5%"), percent("100")) == (1, 0, 0.0, 97.5, 100.0)


def test_processes_are_counted_or_one_for_each_processor() -> None:
    assert processes("3") == 3 and processes("auto") >= 1
    with pytest.raises(ArgumentTypeError, match="expects a number of processes or `auto`, got '0'"):
        processes("0")


def test_the_same_thing_has_one_name_with_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Processes, rows as JSON Lines, one document of JSON, a page of Markdown."""
    names: dict[str, set[str]] = {}
    for command in ("run", "impact", "mutate", "coverage", "bench", "source", "fuzz", "import", "generate"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        for name in re.findall(r"(?<=[ ,])--[a-z-]+", capsys.readouterr().out):
            names.setdefault(name, set()).add(command)
    assert names["--processes"] == {"run", "impact", "mutate", "bench", "source"}
    assert names["--json"] == {"impact", "coverage", "bench"} and names["--jsonl"] == {"run", "impact"}
    assert names["--markdown"] == {"impact", "bench"} and names["--output"] == {"fuzz", "import", "generate"}
    assert not names.keys() & {"--jobs", "--workers", "--summary", "--junitxml", "--junit-xml", "--out"}


@pytest.mark.parametrize("text", ["nan", "-1", "inf", "-0.001", "1e400", "x", ""])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="a number of seconds, 0 or more"):
        seconds(text)


@pytest.mark.parametrize("text", ["nan", "-1", "100.1", "inf", "x"])
def test_what_is_no_percentage_is_told(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="0 to 100"):
        percent(text)


@pytest.mark.parametrize(
    "words",
    [
        "run s.yaml --processes 0",
        "bench s.yaml --processes=-1",
        "source 127.0.0.1:1 -n many",
        "bench s.yaml --connections=-1",
        "bench s.yaml --pairs=-3",
        "fuzz --sessions=0",
        "fuzz --per-configuration=0",
        "fuzz --shrinks=-1",
        "impact a b --noise=-1",
        "impact a b --processes=-1",
        "impact a b --shard=0",
        "impact a b --most=-1",
        "mutate a -n 0",
        "mutate a --fail-under=nan",
        "coverage a --fail-under=101",
        "generate --mix a --output b --sessions=0",
        "source 127.0.0.1:1 -m 0",
        "source 127.0.0.1:1 -l=-1",
        "source 127.0.0.1:1 --reuse=-1",
        "source 127.0.0.1:1 -w=-1",
        "source 127.0.0.1:1 -R nan",
        "sink -n=-1",
        "sink -w nan",
        "sink -w inf",
        "sink -A=-1",
        "sink 127.0.0.1:0 0",
    ],
)
def test_every_command_holds_its_numbers_to_their_bounds(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words.split())
    assert stopped.value.code == 2 and " expects a " in capsys.readouterr().err
