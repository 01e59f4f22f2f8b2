"""loadtest: a whole load run against a gateway in its own process; what breaks a run, and with which exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.loadtest import FailsQuietly, Options, Outcome, load_scenario, overload
from harness.bench.measured import Measured
from harness.bench.table import outcome_text
from harness.errors import ScenarioError
from harness.threshold import parse_threshold

SCENARIO = """title: load
dns:
  zone: |
    ok.test. MX 10 gw.ok.test.
    gw.ok.test. A 192.0.2.1
gateway: {config: gw}
sessions:
  - id: good
    client: {ip: 192.0.2.7, name: good.test}
    send: {from: a@good.test, to: [u@ok.test], pipeline: true}
    expect: {verdict: discard}
  - id: bad
    client: {ip: 192.0.2.9, name: bad.test}
    send: {from: a@bad.test, to: [u@ok.test]}
    expect: {rcpt: 554}
load:
  mix: {good: 1, bad: 2}
  connections: 4
  sessions: 30
  warmup: 3
  rounds: 1
  thresholds: [verdict.reject == 20, gateway.rss.max < 1GiB]
"""
MAIN_CF = (
    "myhostname = gw.ok.test\nmydestination =\nrelay_domains = ok.test\nrelay_transport = discard:\n"
    "smtpd_relay_restrictions = reject_unauth_destination\n"
    "smtpd_client_restrictions = check_client_access inline:{bad.test=REJECT}\n"
)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "gw").mkdir()
    (tmp_path / "gw" / "main.cf").write_text(MAIN_CF)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    return tmp_path / "s.yaml"


def changed(scenario: Path, old: str, new: str) -> Path:
    text = scenario.read_text()
    assert old in text
    scenario.write_text(text.replace(old, new))
    return scenario


def test_every_session_gets_the_verdict_it_has_without_load(scenario: Path) -> None:
    outcome = load_scenario(scenario, Options(connections=3))
    assert outcome.status == 0, outcome_text(outcome)
    figures = outcome.figures
    assert (figures["sessions.total"], figures["verdict.accept"], figures["verdict.reject"]) == (30, 10, 20)
    assert figures["verdict.mismatch"] == figures["errors.total"] == 0
    assert figures["gateway.rss.max"] > 1 << 20 and figures["gateway.files.max"] > 3
    assert "verdict.mismatch == 0" in outcome_text(outcome)  # asked for, whether the scenario says so or not


def test_two_processes_in_open_loop_beside_a_baseline(scenario: Path) -> None:
    changed(scenario, "gateway.rss.max < 1GiB", "sessions.rate <= 1.5 * baseline.sessions.rate")
    changed(scenario, "verdict.reject == 20", "verdict.reject >= 10")
    outcome = load_scenario(scenario, Options(arrivals="100/s", processes=2, duration="0.2s"))
    assert all(met for _, met in outcome.thresholds), outcome_text(outcome)
    assert outcome.figures["baseline.sessions.rate"] > 0 and outcome.figures["harness.lag.max"] >= 0


def test_a_threshold_that_is_breached_is_status_99_and_is_shown(scenario: Path) -> None:
    outcome = load_scenario(changed(scenario, "verdict.reject == 20", "verdict.reject == 19"), Options())
    assert outcome.status == 99 and "BREACHED   verdict.reject == 19 (20)" in outcome_text(outcome)


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ("{rcpt: 554}", "{rcpt: 250}", FailsQuietly, "fails without any load: bad: rcpt"),
        ("good: 1", "goood: 1", ScenarioError, "did you mean 'good'?"),
        ("verdict.reject == 20", "verdict.rejected == 20", ScenarioError, "did you mean 'verdict.reject'?"),
        ("sessions: 30", "sessions: 0", ScenarioError, "without either it never ends"),
        ("sessions: 30", "arrivals: soon", ScenarioError, "expects constant R/s"),
        ("sessions: 30", "duration: soon", ScenarioError, "expects a time"),
        ("connections: 4", "connections: 0", ScenarioError, "expects 1 or more"),
        ("send: {from: a@bad.test, to: [u@ok.test]}", "chat: 'S: 220'", ScenarioError, "is a chat"),
        (SCENARIO[SCENARIO.index("load:\n  mix") :], "", ScenarioError, "has no `load:`"),
    ],
)
def test_what_is_wrong_is_said_before_any_load(
    scenario: Path, old: str, new: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as raised:
        load_scenario(changed(scenario, old, new), Options())
    assert said in str(raised.value) and "s.yaml" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "met", "overloaded", "status"),
    [
        ("sessions.rate > 1", True, "", 0),
        ("sessions.rate > 1", False, "", 99),
        ("sessions.rate > 1", None, "", 99),  # nobody measured it: no pass
        ("sessions.rate > 1", False, "busy", 6),
        ("sessions.rate > 1", True, "busy", 6),
        ("verdict.mismatch == 0", False, "busy", 99),  # a wrong verdict is no matter of speed
    ],
)
def test_exit_status(text: str, met: bool | None, overloaded: str, status: int) -> None:
    outcome = Outcome("s", "reference", {}, ((parse_threshold(text), met),), Measured(), overloaded)
    assert outcome.status == status


@pytest.mark.parametrize(
    ("figures", "open_loop", "said"),
    [
        ({"harness.cpu": 0.99, "gateway.cpu": 0.5}, False, "the load client took 99% of a processor"),
        ({"harness.cpu": 0.99, "gateway.cpu": 1.0}, False, ""),
        ({"harness.cpu": 0.5, "gateway.cpu": 0.2}, False, ""),
        ({"harness.cpu": 0.5, "gateway.cpu": 0.2, "harness.lag.p99": 0.05}, True, "began 50 ms late"),
        ({"harness.cpu": 0.5, "gateway.cpu": 0.2, "harness.lag.p99": 0.005}, True, ""),
    ],
)
def test_the_harness_knows_when_it_was_too_slow(figures: dict[str, float], open_loop: bool, said: str) -> None:
    found = overload(figures, open_loop=open_loop)
    assert said in found and bool(said) is bool(found)
