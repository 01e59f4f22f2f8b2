"""judge: what was seen -> what to conclude; nothing unchecked passes, nothing that asserts nothing passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.judge import judge
from harness.load import load
from harness.observation import DnsQuery, Exchange, Observation, SessionSeen
from harness.plan import Plan, plan
from harness.result import ScenarioResult, Status
from harness.smtp.reply import reply

BASE = """title: t
gateway: {config: gw}
sessions:
  - id: one
    send: {}
    expect: {verdict: reject}
  - id: two
    send: {}
    expect: {verdict: accept}
after: {deliveries: 0}
"""
SEEN = SessionSeen("one", (Exchange("connect", b"", reply(220, "", "hi")),), verdict="reject")

Judged = Callable[..., ScenarioResult]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """judged(sessions, old, new, **fields of the observation)."""
    (tmp_path / "gw").mkdir()

    def made(*sessions: SessionSeen, change: tuple[str, str] = ("", ""), **fields: object) -> ScenarioResult:
        assert change[0] in BASE
        (tmp_path / "s.yaml").write_text(BASE.replace(*change, 1) if change[0] else BASE)
        planned: Plan = plan(load(tmp_path / "s.yaml"))
        return judge(planned, replace(Observation("s", (), "reference", sessions), **fields))  # type: ignore[arg-type]

    return made


def statuses(result: ScenarioResult) -> list[str]:
    return [session.status.value for session in result.sessions]


TWO = replace(SEEN, id="two", verdict="accept")


@pytest.mark.parametrize(
    ("seen", "change", "status"),
    [
        (SEEN, ("", ""), Status.PASSED),
        (replace(SEEN, verdict="accept"), ("", ""), Status.FAILED),
        (replace(SEEN, failure="Connection reset by peer"), ("", ""), Status.FAILED),
        (replace(SEEN, step_failures=("s.yaml:3: expected 250",)), ("", ""), Status.FAILED),
        (SEEN, ("expect: {verdict: reject}", "expect: {}"), Status.ERROR),
        (SEEN, ("{verdict: reject}", "{rcpt: 554}"), Status.ERROR),
        (SEEN, ("{verdict: reject}", "{verdict: reject}\n    xfail: known"), Status.XPASSED),
        (SEEN, ("{verdict: reject}", "{verdict: accept}\n    xfail: known"), Status.XFAILED),
        (SEEN, ("{verdict: reject}", "{rcpt: 554}\n    xfail: known"), Status.ERROR),
        (SEEN, ("{verdict: reject}", "{log: x}"), Status.SKIPPED),
        (SEEN, ("{verdict: reject}", "{log: x, notifications: []}"), Status.SKIPPED),
        (SEEN, ("{verdict: reject}", "{log: x, verdict: reject}"), Status.PASSED),
        (SEEN, ("{verdict: reject}", "{log: x, verdict: accept}"), Status.FAILED),
    ],
)
def test_what_a_session_comes_to(judged: Judged, seen: SessionSeen, change: tuple[str, str], status: Status) -> None:
    assert judged(seen, TWO, change=change).sessions[0].status is status


def test_a_session_that_was_never_replayed_is_an_error(judged: Judged) -> None:
    assert statuses(judged(SEEN)) == ["passed", "error"]


def test_each_finding_knows_its_key_and_its_line(judged: Judged) -> None:
    (finding,) = judged(SEEN, TWO).sessions[0].findings
    assert (finding.expectation, finding.line, finding.met) == ("verdict", 6, True)


def whole(result: ScenarioResult) -> dict[str, tuple[str, str]]:
    return {finding.expectation: (finding.status.value, finding.seen) for finding in result.findings}


def test_a_question_outside_the_declared_world_fails_the_run_and_names_who_asked(judged: Judged) -> None:
    query = DnsQuery("nowhere.example", "MX", "undeclared")
    asker = replace(TWO, dns_queries=(query,))
    found = whole(judged(SEEN, asker, undeclared_queries=(query,)))
    assert found["dns.strict"] == ("failed", "undeclared: nowhere.example MX (asked by two)")
    assert whole(judged(SEEN, TWO))["dns.strict"] == ("passed", "")
    lenient = judged(SEEN, TWO, undeclared_queries=(query,), change=("gateway:", "dns: {strict: false}\ngateway:"))
    assert "dns.strict" not in whole(lenient)


def test_what_is_said_of_all_sessions_is_not_checked_unless_all_were_replayed(judged: Judged) -> None:
    assert whole(judged(SEEN, TWO))["deliveries"] == ("passed", "0 (none)")
    assert whole(judged(SEEN))["deliveries"] == ("skipped", "1 of 2 were left out")


def test_a_target_that_died_is_an_error_of_the_run(judged: Judged) -> None:
    assert whole(judged(SEEN, TWO, ended="the target died"))["target"] == ("error", "the target died")
