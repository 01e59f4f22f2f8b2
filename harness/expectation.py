"""expectation - contract: what was seen -> findings; and the patterns that expectations are written in.

A member is a frozen dataclass in expectations/, registered under the keys users write below `expect:` or `after:`.
Its fields are the keys of its YAML mapping; a member that can be written as a bare value has a classmethod `of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from harness.observation import Observation, SessionSeen
from harness.registry import Registry
from harness.result import Finding


class Expectation(Protocol):
    """Something a scenario says about one session, or about the whole run."""

    def check(self, seen: SessionSeen, whole: Observation) -> Iterable[Finding]:
        """Findings; a thing the target cannot show gives a SKIPPED finding that says so, never PASSED."""
        ...

    def phases(self) -> tuple[str, ...]:
        """The phases a session must have reached for this to mean anything."""
        ...


expectations: Registry[type[Expectation]] = Registry("expectation", "harness.expectations")
