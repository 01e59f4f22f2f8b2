"""main: one line a benchmark, and the exit status of floors, overload, and what is not installed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.bench import main
from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.rehearsal import Options
from harness.errors import UsageError


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


@pytest.mark.parametrize(("statuses", "gravest"), [((0, 0), 0), ((0, 6), 6), ((6, 99), 99), ((99, 0), 99)])
def test_the_gravest_of_several_scenarios_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, statuses: tuple[int, ...], gravest: int
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text("title: x\ngateway: {config: gw}\nload: {}\n")
    (tmp_path / "c.yaml").write_text("title: no load here\ngateway: {config: gw}\n")
    left = iter(statuses)
    monkeypatch.setattr(main, "load_scenario", lambda file, options: SimpleNamespace(status=next(left)))
    monkeypatch.setattr(main, "outcome_text", lambda outcome: "")
    assert main.scenarios([str(tmp_path)], [], Options()) == gravest
    with pytest.raises(StopIteration):
        next(left)
