"""main: one line a benchmark, and the exit status of floors, overload, and what is not installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.bench import main
from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.block import Block
from harness.bench.change import Change
from harness.bench.hdr_log import read_hdr_log
from harness.bench.histogram import Histogram
from harness.bench.main import Asked
from harness.bench.measured import Measured
from harness.bench.outcome import Outcome
from harness.bench.rehearsal import Options, Rehearsed
from harness.bench.side import Side
from harness.bench.versus import Versus
from harness.errors import UsageError
from harness.threshold import parse_threshold


def test_every_member_is_there() -> None:
    assert {
        "startup",
        "run",
        "first_session",
        "dns",
        "gateway",
        "client",
        "client_reuse",
        "throughput",
        "examine",
        "scan",
    } <= set(benchmarks)


@pytest.mark.parametrize(
    ("ours", "more", "status", "said"),
    [
        (60.0, {}, 0, "0.60   0.50  smtp-sink"),
        (40.0, {}, 99, "0.40   0.50  smtp-sink  MISSED"),
        (60.0, {"failed": "errors.total == 0"}, 99, "MISSED errors.total == 0"),
        (60.0, {"overloaded": "too slow"}, 6, "INCONCLUSIVE: too slow"),
        (40.0, {"overloaded": "too slow"}, 99, "MISSED  INCONCLUSIVE: too slow"),
    ],
)
def test_the_exit_status_tells_of_a_missed_floor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ours: float, more: Any, status: int, said: str
) -> None:
    def skipped() -> Figure:
        raise Unavailable("dnsperf is missing (Debian: dnsperf)")

    made = {"gateway": lambda: Figure("gateway", ours, 100.0, "msg/s", "smtp-sink", 0.5, **more), "dns": skipped}
    monkeypatch.setattr(main, "benchmarks", made)
    assert main.suite() == status
    printed = capsys.readouterr().out
    assert said in printed and "dns           skipped: dnsperf is missing" in printed


def test_a_wrong_name_is_corrected() -> None:
    with pytest.raises(UsageError, match="did you mean 'gateway'"):
        main.suite(["gatway"])


@pytest.mark.parametrize(
    ("statuses", "gravest"), [((0, 0), 0), ((0, 6), 6), ((6, 99), 99), ((99, 0), 99), ((99, 4), 4)]
)
def test_the_gravest_of_several_scenarios_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, statuses: tuple[int, ...], gravest: int
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text("title: x\ngateway: {config: gw}\nload: {}\n")
    (tmp_path / "c.yaml").write_text("title: no load here\ngateway: {config: gw}\n")
    left = iter(statuses)
    monkeypatch.setattr(main, "_bench", lambda file, *more: next(left))
    assert main.scenarios([str(tmp_path)], Options(), Asked()) == gravest
    with pytest.raises(StopIteration):
        next(left)


def test_the_file_of_one_scenario_is_not_written_over_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text("title: x\ngateway: {config: gw}\nload: {}\n")
    monkeypatch.setattr(main, "_bench", lambda *_: pytest.fail("nothing is measured"))
    with pytest.raises(UsageError, match="--json, --hdr: of one scenario; 2 have a load here"):
        main.scenarios([str(tmp_path)], Options(), Asked(json=str(tmp_path / "x"), hdr=str(tmp_path / "y")))


def outcome(label: str = "reference", status: int = 0) -> Outcome:
    held = ((parse_threshold("sessions.rate > 0"), not status),)
    latency = {"eom": Histogram().record([0.001])}
    return Outcome("x", label, {}, held, Measured(), "", (Block({"seconds": 1.0}, latency),))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """No gateway is started; what would have been put under load, and how, is kept."""
    seen: list[Any] = []

    def load_sides(sides: list[Side], **how: Any) -> list[Outcome]:
        seen.append(([(side.label, side.program) for side in sides], how))
        return [outcome(side.label, 99 * (side.label == "postfix")) for side in sides]

    def in_turns(old: Side, new: Side, changes: list[Change], **how: Any) -> Versus:
        seen.append((old.label, new.label, [change.text for change in changes], how))
        return Versus(old.label, (outcome("old"), outcome("now")), ())

    monkeypatch.setattr(main, "load_sides", load_sides)
    monkeypatch.setattr(main, "in_turns", in_turns)
    monkeypatch.setattr(main, "kept", lambda outcome, side, name: name)
    monkeypatch.setattr(main, "save", lambda file, run: seen.append((file.name, run)))
    monkeypatch.setattr(main, "rehearse", lambda *_: Rehearsed(None, None, ()))  # type: ignore[arg-type]
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text("")
    (tmp_path / "s.yaml").write_text("title: x\ngateway: {config: gw}\nload: {}\n")
    monkeypatch.chdir(tmp_path)
    return seen


def bench(**how: Any) -> int:
    return main.scenarios(["s.yaml"], Options(), Asked(**how))


def test_one_target_is_loaded_alone_and_saved_in_blocks(asked: list[Any]) -> None:
    assert bench() == 0 and asked == [([("reference", "")], {"rounds": 0, "keep_going": False})]
    assert bench(save="base", history="h", program="gw") == 0
    assert asked[1:] == [([("reference", "gw")], {"rounds": 12, "keep_going": False}), ("h", "base")]


def test_several_targets_stand_side_by_side_and_a_change_may_be_forbidden(
    asked: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert bench(targets=["reference", "postfix"], markdown="m.md", hdr="x.hlog", json="x.json") == 99
    assert asked == [([("reference", ""), ("postfix", "")], {"rounds": 0})]
    assert "x: 1 blocks on each side, in turns" in capsys.readouterr().out
    assert (tmp_path / "m.md").read_text().startswith("# x") and '"target": "postfix"' in (
        tmp_path / "x.json"
    ).read_text()
    assert [one.tag for one in read_hdr_log((tmp_path / "x.hlog").read_text())] == ["reference.eom", "postfix.eom"]
    assert bench(targets=["reference", "postfix"], fail=["sessions.rate:-50%"]) == 0
    assert asked[1][:3] == ("reference", "postfix", ["sessions.rate:-50%"])


def test_another_configuration_takes_turns_with_this_one(asked: list[Any]) -> None:
    assert bench(against="gw") == 0
    assert asked == [("gw", "now", ["gateway.cpu.session:+10%"], {"pairs": 12})]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"compare": "a", "against": "gw"}, "one of them"),
        ({"targets": ["reference", "postfix"], "save": "x"}, "are for one target"),
        ({"fail": ["sessions.rate:-5%"]}, "says from what"),
        ({"against": "nowhere"}, "no main.cf there"),
        ({"program": "gw", "targets": ["postfix"]}, "is for the reference gateway"),
        ({"program": "gw", "against": "gw"}, "changes program and configuration at once"),
        ({"program": "nowhere"}, "no such directory"),
        ({"against": "gw", "fail": ["session.rate:-5%"]}, "did you mean 'sessions.rate'"),
        ({"saturate": True, "save": "x"}, "nothing is saved"),
        ({"saturate": True, "json": "x"}, "takes no --json"),
        ({"hdr": "no/such/directory"}, "No such file"),
    ],
)
def test_what_cannot_be_meant_is_said_at_once(asked: list[Any], how: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        bench(**how)
