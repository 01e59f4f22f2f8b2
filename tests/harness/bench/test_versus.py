"""versus: a run is saved, and what is there now held against it - in turns where that can be, else with what was kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.bench import versus as module
from harness.bench.block import Block
from harness.bench.change import parse_change
from harness.bench.compare import Conclusion
from harness.bench.history import Saved, packed, save
from harness.bench.machine import fingerprint
from harness.bench.measured import Measured
from harness.bench.outcome import BREACHED, INCONCLUSIVE, Outcome
from harness.bench.program import identify
from harness.bench.rehearsal import Options, Rehearsed
from harness.bench.side import Side
from harness.bench.versus import Versus, in_turns, kept, with_saved
from harness.bench.versus_table import versus_text

CPU = [parse_change("gateway.cpu.session:+10%")]


def blocks(cpu_s: float, many: int = 6, noise: float = 0.0) -> tuple[Block, ...]:
    return tuple(
        Block({"sessions": 100, "seconds": 1.0, "cpu_s": cpu_s * (1 + noise * (-1) ** n), "speed": 1.0})
        for n in range(many)
    )


def outcome(label: str, made: tuple[Block, ...]) -> Outcome:
    return Outcome("bench/x", label, {"gateway.cpu.session": 1.0}, (), Measured(), "", made)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """No gateway is started: `load_sides` gives blocks of so much CPU by label, and what was asked of it is kept."""
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text("")
    made = SimpleNamespace(name="bench/x", config=tmp_path / "gw", set={"a": "1"}, rav={}, files={})
    seen: dict[str, Any] = {"cpu": {}, "noise": 0.0, "rehearsed": [], "sides": []}

    def rehearse(file: Path, options: Options, config: Path | None = None, parts: object = None) -> Rehearsed:
        seen["rehearsed"].append((config and sorted(path.name for path in config.iterdir()), parts))
        return Rehearsed(made, None, ())  # type: ignore[arg-type]

    def load_sides(sides: list[Side], *, rounds: int, beside: bool, enough: Any = lambda _: True) -> list[Outcome]:
        seen["sides"], many = [(side.label, side.program) for side in sides], 0
        while True:
            many += rounds
            taken = [
                blocks(seen["cpu"].get(side.label, 1.0), many, seen["noise"] * bool(n)) for n, side in enumerate(sides)
            ]
            if enough(taken):
                return [outcome(side.label, one) for side, one in zip(sides, taken, strict=True)]

    monkeypatch.setattr(module, "rehearse", rehearse)
    monkeypatch.setattr(module, "load_sides", load_sides)
    return seen


def saved(tmp_path: Path, **more: Any) -> Path:
    run = Saved("base", "then", "bench/x", "reference", 0, fingerprint(), identify("reference"),
                {"set": {"a": "0"}, "rav": {}, "files": {}}, packed(tmp_path / "gw"), {}, blocks(1.0))  # fmt: skip
    save(tmp_path / "h.sqlite", replace(run, **more))
    return tmp_path / "h.sqlite"


@pytest.mark.parametrize(("cpu", "status"), [(1.0, 0), (1.2, BREACHED), (0.8, 0)])
def test_what_was_saved_is_run_again_as_it_was(world: dict[str, Any], tmp_path: Path, cpu: float, status: int) -> None:
    world["cpu"]["now"] = cpu
    found = with_saved(Path("s.yaml"), Options(), "base", CPU, base=saved(tmp_path), program="/shim", pairs=6)
    assert found.status == status and world["sides"] == [("base", ""), ("now", "/shim")]
    assert world["rehearsed"][1] == (["main.cf"], {"set": {"a": "0"}, "rav": {}, "files": {}})
    assert "base against now: 6 pairs of blocks, in turns" in versus_text(found)


def test_what_cannot_be_run_again_is_held_against_what_was_kept(world: dict[str, Any], tmp_path: Path) -> None:
    world["cpu"]["now"] = 1.2
    base = saved(tmp_path, program={"path": "", "home": "/gone", "version": "x"})
    found = with_saved(Path("s.yaml"), Options(), "base", CPU, base=base, pairs=6)
    text = versus_text(found)
    assert found.status == BREACHED and "note: not in turns: the gateway of /gone is not what it was" in text
    assert "6 blocks now" in text and "+20.0%" in text and "WORSE" in text


def test_figures_of_another_machine_are_no_comparison_but_its_gateway_can_be_run_here(
    world: dict[str, Any], tmp_path: Path
) -> None:
    there = {**fingerprint(), "processors": "64"}
    gone = saved(tmp_path, machine=there, program={"path": "", "home": "/gone", "version": "x"})
    found = with_saved(Path("s.yaml"), Options(), "base", CPU, base=gone, pairs=6)
    assert found.status == INCONCLUSIVE and "another machine (processors 64 then" in versus_text(found)
    found = with_saved(Path("s.yaml"), Options(), "base", CPU, base=saved(tmp_path, machine=there), pairs=6)
    assert found.status == 0 and "both sides were run here" in versus_text(found)


def test_it_looks_three_times_at_most_and_then_says_that_it_does_not_know(world: dict[str, Any]) -> None:
    world["noise"] = 0.9
    found = in_turns(_side("a"), _side("b"), CPU, pairs=5)
    assert found.comparisons[0].conclusion is Conclusion.INCONCLUSIVE and found.status == INCONCLUSIVE
    assert len(found.outcomes[0].blocks) == 15 and "more pairs, or a quieter machine" in versus_text(found)


def test_sides_that_answer_differently_do_different_work(world: dict[str, Any]) -> None:
    found = in_turns(_side("a", (220, 250)), _side("b", (220, 554)), CPU, pairs=5)
    assert "note: session x gets 220 250 of a, 220 554 of b: not the same work" in versus_text(found)


def test_a_breached_threshold_counts_beside_the_comparison() -> None:
    died = replace(outcome("now", blocks(1.0)), ended="the target died")
    assert Versus("base", (outcome("base", ()), died), ()).status == 4
    assert Versus("base", (died, outcome("now", ())), ()).status == 4, "nothing was compared"


def test_an_outcome_is_kept_with_all_that_is_needed_to_run_it_again(world: dict[str, Any]) -> None:
    run = kept(
        outcome("reference", blocks(1.0)),
        Side("reference", "reference", module.rehearse(Path("s.yaml"), Options())),
        "base",
    )
    assert run.program == identify("reference") and run.machine == fingerprint() and run.gateway["set"] == {"a": "1"}


def _side(label: str, codes: tuple[int, ...] = ()) -> Side:
    job = SimpleNamespace(id="x", codes=codes)
    return Side(label, "reference", Rehearsed(None, None, (job,)))  # type: ignore[arg-type]
