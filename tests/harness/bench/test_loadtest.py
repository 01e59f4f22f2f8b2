"""loadtest: a whole load run against a gateway in its own process; what breaks a run, and with which exit status."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from harness.bench import side
from harness.bench.loadtest import drivers, load_scenario, load_sides
from harness.bench.measured import Measured
from harness.bench.outcome import BREACHED, DIED
from harness.bench.rehearsal import FailsQuietly, Options, rehearse
from harness.bench.side import Side, under_load
from harness.bench.table import outcome_text
from harness.errors import NothingToDo, ScenarioError, UsageError

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


@pytest.mark.slow
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
        ("sessions: 30", "duration: 0s", ScenarioError, "takes no time"),
        ("sessions: 30", "arrivals: ramp 1..0.0000001/s", ScenarioError, "a rate must be 0.001/s to"),
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


def program(tmp_path: Path, code: str) -> str:
    """Where the gateway's process finds this before anything of ours: it runs as it starts."""
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "sitecustomize.py").write_text(code)
    return str(tmp_path / "program")


DIES = """import asyncio, os, sys
from uvloop import Loop
made = Loop.create_server
async def create_server(self, factory, *more, **named):
    left = [20]
    def dying():
        left[0] -= 1
        if left[0] < 0:
            print("out of everything", file=sys.stderr, flush=True)
            os._exit(9)
        return factory()
    return await made(self, dying, *more, **named)
Loop.create_server = create_server
"""


@pytest.mark.slow
def test_a_target_that_dies_under_load_is_status_4_and_what_was_seen_is_kept(scenario: Path, tmp_path: Path) -> None:
    changed(scenario, "sessions: 30", "sessions: 1000")
    dying = Side("reference", "reference", rehearse(scenario, Options()), program(tmp_path, DIES))
    (outcome,) = load_sides([dying])
    text = outcome_text(outcome)
    assert outcome.status == DIED == 4 and "the target died under load" in text and "out of everything" in text
    assert 5 < outcome.figures["sessions.total"] < 30 and outcome.figures["errors.total"] > 0


@pytest.mark.slow
def test_a_target_that_refuses_from_some_moment_on_is_no_pass_though_no_threshold_names_it(
    scenario: Path, tmp_path: Path
) -> None:
    changed(scenario, "sessions: 30", "sessions: 1000")
    refuses = DIES[: DIES.index("            print")] + DIES[DIES.index("        return factory") :]
    refuses = refuses.replace("left[0] < 0:\n", "left[0] < 0: return Busy()\n").replace(
        "made = ",
        "class Busy(asyncio.Protocol):\n"
        "    def connection_made(self, peer): peer.write(b'421 4.3.2 busy\\r\\n'); peer.close()\nmade = ",
    )
    dying = Side("reference", "reference", rehearse(scenario, Options()), program(tmp_path, refuses))
    (outcome,) = load_sides([dying])
    text = outcome_text(outcome)
    assert outcome.status == BREACHED and not outcome.ended, text
    assert "BREACHED   verdict.mismatch == 0" in text and "got 421" in text and outcome.figures["verdict.accept"] > 0


@pytest.mark.slow
def test_a_lost_threshold_ends_the_load_early_unless_it_is_to_go_on(scenario: Path) -> None:
    changed(changed(scenario, "sessions: 30", "sessions: 3000"), "verdict.reject == 20", "verdict.reject <= 4")
    rehearsed = rehearse(scenario, Options())
    (outcome,) = load_sides([Side("reference", "reference", rehearsed)])
    assert outcome.status == BREACHED and outcome.figures["sessions.total"] < 3000
    assert "given up: verdict.reject <= 4 is lost: " in outcome_text(outcome)


@pytest.mark.slow
def test_two_sides_take_turns(scenario: Path) -> None:
    rehearsed, looked = rehearse(scenario, Options()), []

    def enough(blocks: object) -> bool:
        looked.append(blocks)
        return len(looked) == 2

    one, other = load_sides([Side(name, "reference", rehearsed) for name in "ab"], rounds=2, enough=enough)
    assert (one.target, other.target) == ("a", "b") and len(one.blocks) == len(other.blocks) == 4
    assert one.figures["sessions.total"] == other.figures["sessions.total"] == 60
    assert one.figures["gateway.cpu.session"] > 0 and one.blocks[0].amounts["speed"] > 0


def test_a_rate_that_nobody_reaches_is_given_up_and_is_the_harness_s_own_limit(
    scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.arrivals import parse_arrivals
    from harness.bench import drive

    monkeypatch.setattr(drive, "_BEHIND_S", 0.2)
    jobs = rehearse(scenario, Options()).jobs
    order = drive.Order(("127.0.0.1", 9), jobs, 1_000_000, 0, 60.0, parse_arrivals("10000000/s"))
    monkeypatch.setattr(drive, "_HOPELESS", 10**9)
    seen = drive.drive(order)
    assert "the load client cannot begin so many a second" in seen.hopeless and max(seen.lag) > 0.2


@pytest.mark.slow
def test_ctrl_c_ends_the_load_and_what_was_seen_is_kept(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stretches: list[object] = []

    async def load(*given: object) -> Measured:
        stretches.append(given)
        if len(stretches) == 3:  # the warm-up, one stretch, and into the next
            os.kill(os.getpid(), signal.SIGINT)
        return await under_load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(side, "under_load", load)
    made = Side("reference", "reference", rehearse(scenario, Options(arrivals="20/s", duration="9s")))
    (outcome,) = load_sides([made], rounds=9)
    assert outcome.status == 130 and len(outcome.blocks) == 2 and outcome.figures["sessions.total"] >= 20
    assert "given up: interrupted" in outcome_text(outcome)


def test_a_load_in_which_no_session_is_due_is_no_pass(scenario: Path) -> None:
    with pytest.raises(NothingToDo, match="no session was due") as raised:
        load_scenario(
            changed(scenario, "thresholds: [verdict.reject == 20, ", "thresholds: ["),
            Options(arrivals="at 5", duration="0.1s"),
        )
    assert raised.value.exit_status == 5


def test_a_load_that_takes_no_time_is_refused(scenario: Path) -> None:
    with pytest.raises(UsageError, match="takes no time"):
        load_scenario(scenario, Options(duration="0s"))


def test_no_process_begins_before_all_are_there() -> None:
    async def processes() -> int:
        with drivers(2):
            return len(multiprocessing.active_children())

    assert asyncio.run(processes()) == 2


@pytest.mark.parametrize(("whole", "many"), [(10, 4), (3, 4), (0, 2), (7, 1)])
def test_what_is_shared_is_shared_whole(whole: int, many: int) -> None:
    shares = [side._share(whole, place, many) for place in range(many)]
    assert sum(shares) == whole and max(shares) - min(shares) <= 1
