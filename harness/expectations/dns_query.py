"""dns_query - what the gateway asked of DNS, and what it did not.

dns_query:
  asked: [{name: 7.2.0.192.rbl.test, type: A, times: 1}, mail.ok.test]
  not_asked: ["*.other.test"]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import Times, expectations, found, not_shown, written_list
from harness.observation import DnsQuery, Observation, SessionSeen
from harness.result import Finding


@dataclass(frozen=True)
class _Wanted:
    name: str  # * stands for any labels
    type: str
    times: Times

    def check(self, queries: tuple[DnsQuery, ...]) -> Finding:
        mine = [q for q in queries if fnmatchcase(q.name, self.name) and self.type in ("any", q.type)]
        shown = ", ".join(f"{q.name} {q.type}" for q in queries) or "nothing"
        return found(
            self.times.fits(len(mine)), f"{self.name} {self.type} asked {self.times} times", f"{len(mine)} ({shown})"
        )


@expectations.register("dns_query")
@dataclass(frozen=True)
class DnsQueryExpectation:
    """Names the gateway did ask for, and names it did not."""

    wanted: tuple[_Wanted, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> DnsQueryExpectation:
        """From a mapping of `asked` and `not_asked`.  Raises ScenarioError."""
        if not isinstance(value, dict) or not value or set(value) - {"asked", "not_asked"}:
            raise ScenarioError(f"expects a mapping of asked and not_asked, got {value!r}")
        times = {"asked": ">=1", "not_asked": "0"}
        return cls(tuple(_wanted(one, times[key]) for key, names in value.items() for one in written_list(names)))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        queries = whole.dns_queries if seen is None else seen.dns_queries
        if queries is None:
            yield not_shown("dns_query")
            return
        yield from (wanted.check(queries) for wanted in self.wanted)


def _wanted(value: Any, times: str) -> _Wanted:
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or "name" not in given or set(given) - {"name", "type", "times"}:
        raise ScenarioError(f"expects a name, or a mapping of name, type, times; got {value!r}")
    return _Wanted(
        str(given["name"]).lower().rstrip("."), str(given.get("type", "any")), Times(given.get("times", times))
    )
