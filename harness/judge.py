"""judge - a plan and what was seen -> what to conclude.  Pure: it starts nothing and reads nothing but goldens.

A session that asserts nothing, or never reached the phase it asserts about, is an ERROR: such a test cannot fail, or
passes for the wrong reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.load import PlannedExpectation
from harness.observation import Observation, SessionSeen
from harness.plan import Plan, PlannedSession
from harness.result import Finding, ScenarioResult, SessionResult, Status, status_of


def judge(plan: Plan, observation: Observation) -> ScenarioResult:
    """The findings about every session that was seen, and about the run as a whole."""
    seen = {session.id: session for session in observation.sessions}
    sessions = tuple(
        judge_session(plan, planned, seen.get(planned.session.id), observation) for planned in plan.sessions
    )
    return ScenarioResult(plan.name, plan.cell, observation.target, sessions, tuple(judge_whole(plan, observation)))


def judge_session(plan: Plan, planned: PlannedSession, seen: SessionSeen | None, whole: Observation) -> SessionResult:
    """One session's findings and what they add up to."""
    session = planned.session
    findings = list(_session_findings(planned, seen, whole))
    status = status_of(findings)
    if session.xfail is not None:
        # Only a failure was expected: a session that asserts nothing is an error under any mark.
        status = {Status.PASSED: Status.XPASSED, Status.FAILED: Status.XFAILED}.get(status, status)
    tags = (*plan.scenario.tags, *session.tags)
    return SessionResult(plan.name, plan.cell, session.id, whole.target, status, tuple(findings), seen, tags)


def judge_whole(plan: Plan, observation: Observation) -> Iterator[Finding]:
    """That the target lived, that nothing was asked of DNS that nobody declared, and what `after:` says.

    `after:` speaks of all sessions together: it is not checked when some were left out (`-k`, `-m`).
    """
    if observation.ended:
        yield Finding("target", Status.ERROR, "a target that lives to the end", observation.ended)
    if plan.scenario.dns.strict and observation.undeclared_queries is None:
        yield Finding(
            "dns.strict", Status.SKIPPED, "questions about the declared world only", "this target asks elsewhere"
        )
    elif plan.scenario.dns.strict:
        undeclared = {f"{query.name} {query.type}" for query in observation.undeclared_queries or ()}
        asked = f"undeclared: {', '.join(sorted(undeclared))}{_askers(undeclared, observation)}"
        status = Status.FAILED if undeclared else Status.PASSED
        yield Finding("dns.strict", status, "questions about the declared world only", asked if undeclared else "")
    seen = {session.id for session in observation.sessions if not session.unplayed}
    left_out = [planned.session.id for planned in plan.sessions if planned.session.id not in seen]
    for planned in plan.after:
        if left_out:
            what = f"{len(left_out)} of {len(plan.sessions)} were left out"
            yield Finding(planned.key, Status.SKIPPED, "all sessions replayed", what, planned.line)
        else:
            yield from _checked(planned, None, observation)


def _askers(asked: set[str], observation: Observation) -> str:
    """Which sessions asked these questions, where the target tells."""
    askers = [s.id for s in observation.sessions if any(f"{q.name} {q.type}" in asked for q in s.dns_queries or ())]
    return f" (asked by {', '.join(askers)})" if askers else ""


def _session_findings(planned: PlannedSession, seen: SessionSeen | None, whole: Observation) -> Iterator[Finding]:
    if seen is None:
        yield Finding("session", Status.ERROR, "a session that was replayed", "it never was", planned.line)
        return
    if not planned.expectations:
        yield Finding("expect", Status.ERROR, "at least one expectation", "this session asserts nothing", planned.line)
    if seen.unplayed:
        yield Finding("client", Status.SKIPPED, "a target that is told who the client is", seen.unplayed, planned.line)
        return
    if seen.failure:
        yield Finding("session", Status.FAILED, "a conversation", seen.failure, planned.line)
    for failure in seen.step_failures:
        yield Finding("chat", Status.FAILED, "the dialogue as written", failure, planned.line)
    reached = {exchange.phase for exchange in seen.exchanges}
    for expectation in planned.expectations:
        missing = [phase for phase in expectation.expectation.phases() if phase not in reached]
        if missing:
            last = seen.exchanges[-1].phase if seen.exchanges else "nothing"
            yield Finding(
                expectation.key,
                Status.ERROR,
                f"phase {missing[0]} reached",
                f"it got as far as {last}",
                expectation.line,
            )
            continue
        yield from _checked(expectation, seen, whole)


def _checked(planned: PlannedExpectation, seen: SessionSeen | None, whole: Observation) -> Iterator[Finding]:
    findings = list(planned.expectation.check(seen, whole))
    if not findings:  # it had nothing to look at, so it cannot fail
        findings = [Finding("", Status.ERROR, "something to check", "nothing was")]
    yield from (replace(finding, expectation=planned.key, line=planned.line) for finding in findings)
