"""refuses - a configuration that the gateway does not start with, and why: after: {refuses: /specify at least one/}.

Such a scenario has no sessions: there is nobody to talk to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import Text, expectations, found
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@expectations.register("refuses")
@dataclass(frozen=True)
class RefusesExpectation:
    """The reason, in the gateway's words: text or /regex/ that it contains."""

    reason: Text

    @classmethod
    def of(cls, value: Any, key: str) -> RefusesExpectation:
        """From a text.  Raises ScenarioError."""
        if not isinstance(value, str):
            raise ScenarioError(f"expects a text or a /regex/, got {value!r}")
        return cls(Text(value))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        reason = whole.refused
        shown = "it started" if reason is None else reason
        yield found(reason is not None and self.reason.is_in(reason), f"refuses to start: {self.reason}", shown)
