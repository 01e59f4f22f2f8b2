"""option: a number out of its bounds is wrong usage, for every command, and nothing has begun."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from harness.cli import main
from harness.option import percent, seconds, whole


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", ""])
def test_what_is_no_such_number_is_told(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="1 or more"):
        whole(1)(text)


def test_what_is_within_the_bounds_is_taken() -> None:
    assert (whole(1)("1"), whole(0)("0"), percent("0"), percent("97.5%"), percent("100")) == (1, 0, 0.0, 97.5, 100.0)


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
        "bench s.yaml --processes=-1",
        "bench s.yaml --connections=-1",
        "bench s.yaml --pairs=-3",
        "fuzz --sessions=0",
        "fuzz --per-configuration=0",
        "fuzz --shrinks=-1",
        "impact a b --noise=-1",
        "impact a b --jobs=-1",
        "impact a b --shard=0",
        "impact a b --most=-1",
        "mutate a --jobs=-1",
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
