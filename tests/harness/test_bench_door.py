"""bench_door: what users write reaches what does it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.bench import main as bench_main
from harness.bench.rehearsal import Options
from harness.cli import main


def test_every_option_of_bench_reaches_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(bench_main, "scenarios", lambda *given: seen.append(given) or 0)
    words = (
        "bench s.yaml --target reference --rate 200/s --duration 5s --processes 2 --connections 30 --save a --compare b"
    )
    more = "--against d --fail sessions.rate:-5% --pairs 7 --history h --gateway-path g --hdr x --markdown m --keep-going --json j --saturate"
    assert main([*words.split(), *more.split()]) == 0
    ((paths, options, asked),) = seen
    assert paths == ["s.yaml"] and options == Options("", "200/s", "5s", 2, 30)
    assert (asked.targets, asked.save, asked.compare, asked.against, asked.fail) == (
        ["reference"],
        "a",
        "b",
        "d",
        ["sessions.rate:-5%"],
    )
    assert (asked.pairs, asked.history, asked.program, asked.hdr, asked.markdown, asked.keep_going) == (
        7,
        "h",
        "g",
        "x",
        "m",
        True,
    )
    assert asked.saturate and asked.json == "j"


def test_without_a_scenario_the_suite_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_main, "suite", lambda only: 6 if only == ["dns"] else 0)
    assert main(["bench", "--only", "dns"]) == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("bench --target postfix --rate 200/s", "--target, --rate: of load, and no scenario is named"),
        ("bench --gateway-path x", "--gateway-path: of load"),
        ("bench s.yaml --only dns", "--only: of the suite"),
    ],
)
def test_an_option_that_would_do_nothing_is_told(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2 and said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["sink", "source"])
def test_an_address_that_is_none_is_told(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "nowhere"]) == 2
    assert "'nowhere' is no address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("source 127.0.0.1:1 -F /nowhere", "/nowhere: No such file"),
        ("source unix:/run/x", "only TCP"),
        ("source 127.0.0.1:1 --rate replay\t/nowhere", "expects constant R/s"),
        ("source 127.0.0.1:1 --duration 0s", "takes no time"),
        ("source 127.0.0.1:1 --duration nan", "expects a time as 800ms"),
        ("source 127.0.0.1:1 --rate 0/s", "a rate must be 0.001/s"),
        ("source 127.0.0.1:1 --rate nan/s", "expects constant R/s"),
        ("source 127.0.0.1:1 -w 1e-300", "a rate must be 0.001/s to 1000000000/s"),
        ("source 127.0.0.1:1 -w 1 -R 1", "-w, -R: each says"),
        ("source 127.0.0.1:1 -w 1 --rate 5/s", "-w, --rate: each says"),
        ("source 127.0.0.1:1 -d --reuse 5", "-d, --reuse: each says"),
        ("sink -W rcpt:nan", "expects COMMAND:SECONDS"),
        ("sink -r rctp", "did you mean 'rcpt'"),
        ("sink -W rcpt", "expects COMMAND:SECONDS"),
    ],
)
def test_mistakes_at_the_two_tools_are_told(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split(" ")) == 2
    assert said in capsys.readouterr().err
