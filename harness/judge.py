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
from harness.result import Finding, ScenarioResult, SessionResult, Status


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
    status = _status(findings)
    if session.xfail is not None:
        # Only a failure was expected: a session that asserts nothing is an error under any mark.
        status = {Status.PASSED: Status.XPASSED, Status.FAILED: Status.XFAILED}.get(status, status)
    tags = (*plan.scenario.tags, *session.tags)
    return SessionResult(plan.name, plan.cell, session.id, whole.target, status, tuple(findings), seen, tags)


def judge_whole(plan: Plan, observation: Observation) -> Iterator[Finding]:
    """What `after:` says, and that nothing was asked of DNS that nobody declared."""
    if plan.scenario.dns.strict and observation.undeclared_queries:
        asked = ", ".join(sorted({f"{query.name} {query.type}" for query in observation.undeclared_queries}))
        yield Finding("dns.strict", Status.FAILED, "questions about the declared world only", f"undeclared: {asked}")
    for planned in plan.after:
        yield from _checked(planned, None, observation)


def _session_findings(planned: PlannedSession, seen: SessionSeen | None, whole: Observation) -> Iterator[Finding]:
    if seen is None:
        yield Finding("session", Status.ERROR, "a session that was replayed", "it never was", planned.line)
        return
    if seen.failure:
        yield Finding("session", Status.FAILED, "a conversation", seen.failure, planned.line)
    for failure in seen.step_failures:
        yield Finding("chat", Status.FAILED, "the dialogue as written", failure, planned.line)
    if not planned.expectations:
        yield Finding("expect", Status.ERROR, "at least one expectation", "this session asserts nothing", planned.line)
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
    for finding in planned.expectation.check(seen, whole):
        yield replace(finding, expectation=planned.key, line=planned.line)


def _status(findings: list[Finding]) -> Status:
    kinds = {finding.status for finding in findings}
    for status in (Status.ERROR, Status.FAILED, Status.PASSED, Status.SKIPPED):
        if status in kinds:
            return status
    return Status.ERROR
