"""saturate: the search finds what a target can do, doubts its luck, and knows when it was the harness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.rehearsal import Options, rehearse
from harness.bench.saturate import PRECISION, Probe, Saturation, saturate, search
from harness.bench.side import Side
from harness.bench.table import saturation_text, step_line
from harness.errors import UsageError


def found(holds: Callable[[float, bool, int], bool], start: float) -> tuple[float, list[Probe]]:
    probes: list[Probe] = []

    async def probe(rate: float, check: bool) -> Probe:
        probes.append(Probe(rate, holds(rate, check, len(probes)), check=check))
        assert len(probes) < 100
        return probes[-1]

    return asyncio.run(search(probe, start)), probes


@given(st.floats(2, 1e5), st.floats(1, 1e5))
def test_any_capacity_is_found_from_any_start(capacity: float, start: float) -> None:
    best, probes = found(lambda rate, check, number: rate <= capacity, start)
    if capacity > max(2.0, start / 2**40):
        assert best <= capacity <= best * (1 + PRECISION) * 1.001
        assert probes[-1].check and probes[-1].rate == best
        assert any(probe.rate > capacity for probe in probes)


def test_a_rate_that_held_once_by_luck_is_no_result() -> None:
    """Above 100/s every first try holds, the check does not."""
    best, probes = found(lambda rate, check, number: rate <= 100 or (not check and rate < 150), 50)
    assert 100 / 1.06 <= best <= 100 and sum(probe.check for probe in probes) >= 2
    failed = [at for at, probe in enumerate(probes) if probe.check and not probe.holds]
    assert all(probe.rate < probes[failed[0]].rate / 1.02 for probe in probes[failed[0] + 1 :])


@pytest.mark.parametrize("start", [1.0, 1000.0])
def test_where_nothing_holds_the_result_is_none(start: float) -> None:
    best, probes = found(lambda rate, check, number: False, start)
    assert best == 0 and min(probe.rate for probe in probes) < 2


@pytest.mark.parametrize(
    ("probes", "more", "status", "said"),
    [
        ((Probe(10, True, check=True), Probe(11, False, "slow")), {}, 0, "10/s is the highest rate that met the thresholds; 11/s did not"),
        ((Probe(10, True, check=True), Probe(11, False, "slow")), {"least": 12.0}, 99, "BREACHED: 12/s are asked for"),
        ((Probe(10, True, check=True), Probe(11, False, "late", True)), {}, 6, "at least 10/s; the harness could bring no more"),
        ((Probe(10, True, check=True), Probe(11, False, "slow"), Probe(20, False, "late", True)), {}, 0, "10/s is"),
        ((Probe(11, False, "slow"),), {"rate": 0.0}, 99, "BREACHED: no rate met the thresholds twice"),
        ((Probe(11, False, "late", True),), {"rate": 0.0}, 6, "INCONCLUSIVE: nothing"),
        ((Probe(11, False, "dead"),), {"rate": 0.0, "ended": "the target died"}, 4, "the target died"),
    ],
)  # fmt: skip
def test_what_is_made_of_the_steps(probes: tuple[Probe, ...], more: dict[str, float], status: int, said: str) -> None:
    result = Saturation(probes, **{"rate": 10.0, **more})  # type: ignore[arg-type]
    assert result.status == status and said in saturation_text(result)


def test_a_step_says_what_came_of_it() -> None:
    assert step_line(Probe(100, False, "late", True, figures={"sessions.rate": 90.0})).split() == [
        "100/s", "90/s", "-", "-", "-", "INCONCLUSIVE:", "late"
    ]  # fmt: skip
    assert "checked: holds" in step_line(Probe(100, True, check=True))


MAIN_CF = (
    "myhostname = gw.ok.test\nmydestination =\nrelay_domains = ok.test\nrelay_transport = discard:\n"
    "smtpd_relay_restrictions = reject_unauth_destination\n"
)
SCENARIO = """title: load
dns: {zone: "ok.test. MX 10 gw.ok.test.\\ngw.ok.test. A 192.0.2.1"}
gateway: {config: gw}
sessions:
  - id: good
    client: {ip: 192.0.2.7, name: good.test}
    send: {from: a@good.test, to: [u@ok.test], pipeline: true}
    expect: {verdict: discard}
load: {sessions: 30, warmup: 0, duration: 200ms, thresholds: [gateway.rss.max < 1MiB]}
"""


@pytest.mark.slow
def test_a_gateway_that_never_meets_its_thresholds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way, with a limit that no rate meets, so that it is short."""
    from harness.bench import saturate as module

    monkeypatch.setattr(module, "_LOWEST", 400.0)
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    told: list[Probe] = []
    result = saturate(Side("reference", "reference", rehearse(tmp_path / "s.yaml", Options())), told.append)
    assert result.rate == 0 and result.status in (99, 6) and tuple(told) == result.probes and len(told) >= 1
    assert "gateway.rss.max < 1MiB (" in told[0].why or told[0].limited


def test_recorded_times_have_no_rate(tmp_path: Path) -> None:
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    with pytest.raises(UsageError, match="recorded times have none"):
        saturate(Side("x", "reference", rehearse(tmp_path / "s.yaml", Options(arrivals="at 0,1"))), print)
