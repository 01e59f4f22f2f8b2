"""log - lines of the mail log: log: [{match: 'reject: RCPT .* blocked using', times: 1, program: smtpd}]."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import Times, expectations, found, not_shown, written_list
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@dataclass(frozen=True)
class _Wanted:
    match: re.Pattern[str]
    times: Times
    program: str | None


@expectations.register("log")
@dataclass(frozen=True)
class LogExpectation:
    """How often a line that matches this regex was logged."""

    wanted: tuple[_Wanted, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> LogExpectation:
        """From a regex, a mapping, or a list of either.  Raises ScenarioError."""
        return cls(tuple(_wanted(one) for one in written_list(value)))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        log = whole.log if seen is None else seen.log
        if log is None:
            yield not_shown("log")
            return
        for wanted in self.wanted:
            lines = [line for line in log if wanted.program in (None, line.program) and wanted.match.search(line.text)]
            shown = "\n".join(f"{line.program}: {line.text}" for line in log)
            yield found(
                wanted.times.fits(len(lines)),
                f"{wanted.times} lines with {wanted.match.pattern}",
                f"{len(lines)}\n{shown}",
            )


def _wanted(value: Any) -> _Wanted:
    given = {"match": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or "match" not in given or set(given) - {"match", "times", "program"}:
        raise ScenarioError(f"expects a regex, or a mapping of match, times, program; got {value!r}")
    if not given["match"]:
        raise ScenarioError("an empty regex is in every line, so it asserts nothing")
    try:
        regex = re.compile(str(given["match"]))
    except re.error as error:
        raise ScenarioError(f"bad regex {given['match']}: {error}") from None
    return _Wanted(regex, Times(given.get("times", ">=1")), given.get("program"))
