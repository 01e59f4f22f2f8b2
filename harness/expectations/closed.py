"""closed - the gateway hung up before the client was done: closed: true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError
from harness.expectation import expectations, found
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@expectations.register("closed")
@dataclass(frozen=True)
class ClosedExpectation:
    """Who ended the connection."""

    of_session: ClassVar[bool] = True
    by_gateway: bool

    @classmethod
    def of(cls, value: Any, key: str) -> ClosedExpectation:
        """From true or false.  Raises ScenarioError."""
        if not isinstance(value, bool):
            raise ScenarioError(f"expects true or false, got {value!r}")
        return cls(value)

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        yield found(seen.closed == self.by_gateway, f"hung up: {self.by_gateway}", seen.closed)
