"""result - what was concluded: findings, and the results made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from harness.observation import SessionSeen


class Status(Enum):
    """How a session came out.

    ERROR: it asserted nothing, or never reached the phase it asserts about.  SKIPPED, of one expectation: the target
    cannot show what it speaks of, so it was not checked; of a session: nothing in it was.
    """

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One expectation, held against what was seen."""

    expectation: str  # "rcpt", "rule", "deliveries"
    status: Status
    expected: str
    seen: str
    line: int = 0  # of the scenario file

    @property
    def met(self) -> bool:
        return self.status is Status.PASSED


def status_of(findings: Iterable[Finding]) -> Status:
    """What findings add up to: the worst of them; SKIPPED if none was checked, ERROR if there is none at all."""
    kinds = {finding.status for finding in findings}
    order = (Status.ERROR, Status.FAILED, Status.PASSED, Status.SKIPPED)
    return next((status for status in order if status in kinds), Status.ERROR)


def unchecked(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The expectations that were not checked, each once."""
    return tuple(dict.fromkeys(f.expectation for f in findings if f.status is Status.SKIPPED))


@dataclass(frozen=True, slots=True)
class SessionResult:
    """The findings about one session of one cell, and the evidence."""

    scenario: str
    cell: tuple[tuple[str, str], ...]
    session: str
    target: str
    status: Status
    findings: tuple[Finding, ...]
    seen: SessionSeen | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """All sessions of one cell, and the findings about the scenario as a whole (`after:`)."""

    scenario: str
    cell: tuple[tuple[str, str], ...]
    target: str
    sessions: tuple[SessionResult, ...]
    findings: tuple[Finding, ...] = ()
