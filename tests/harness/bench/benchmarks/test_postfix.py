"""postfix: both sides get the same load, and what does not come out as it must is no figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.benchmark import Unavailable
from harness.bench.benchmarks import postfix
from harness.cell import run_loop
from harness.judge import judge
from harness.load import load
from harness.plan import plan
from harness.result import Status
from harness.run import run
from harness.target import targets


@pytest.mark.parametrize(("listed", "verdict"), [("127.0.0.1", "reject"), ("192.0.2.66", "accept")])
def test_its_session_gets_what_it_must_when_all_is_quiet(tmp_path: Path, listed: str, verdict: str) -> None:
    text = postfix._SCENARIO.format(config=postfix._GATEWAY.resolve(), listed=listed, verdict=verdict, sessions=10)
    file = tmp_path / "load.yaml"
    file.write_text(text.replace('"corpus:zones/world.zone"', str(Path("corpus/zones/world.zone").resolve())))
    loaded = load(file)
    made = plan(loaded, loaded.cells[0])
    seen = run_loop(run(made, targets["reference"](), tmp_path, ["load"]))
    assert [one.status for one in judge(made, seen).sessions] == [Status.PASSED]


def test_without_the_papers_gateway_there_is_no_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postfix, "_GATEWAY", tmp_path / "nowhere")
    with pytest.raises(Unavailable):
        postfix.relayed()


@pytest.mark.witness
def test_a_private_postfix_is_ready_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postfix, "ROUNDS", 1)
    for figure in (postfix.postfix_ready(), postfix.postfix_next()):
        assert figure.ours > 0.5 and figure.floor == 1.0


@pytest.mark.witness
def test_what_is_decided_in_memory_is_what_postfix_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postfix, "ROUNDS", 1)
    monkeypatch.setattr(postfix, "_DECIDED", 100)
    monkeypatch.setattr(postfix, "_LISTED", {**postfix._LISTED, "sessions": 20})
    figure = postfix.direct()
    assert not figure.failed and figure.ours > 100


@pytest.mark.witness
@pytest.mark.parametrize(("verdict", "listed", "rate"), [("reject", "127.0.0.1", postfix._refused),
                                                         ("accept", "192.0.2.66", postfix._arrived)])  # fmt: skip
def test_both_sides_do_it(verdict: str, listed: str, rate: postfix.Rate) -> None:
    figure = postfix._against_postfix("x", {"listed": listed, "verdict": verdict, "sessions": 40}, rate, 0.01)
    assert figure.ours > 0 and figure.peer > 0 and figure.met
