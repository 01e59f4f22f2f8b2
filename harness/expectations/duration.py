"""duration - no slower than: duration: "< 500ms".  For gross slowness only; bench is for speed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import expectations, found
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@expectations.register("duration")
@dataclass(frozen=True)
class DurationExpectation:
    """How long the session (or the whole run) may take."""

    most_ms: float

    @classmethod
    def of(cls, value: Any, key: str) -> DurationExpectation:
        """From `< 500ms` or `< 2s`.  Raises ScenarioError."""
        parsed = re.fullmatch(r"<\s*([0-9.]+)\s*(ms|s)", str(value).strip())
        if parsed is None:
            raise ScenarioError(f"expects a limit as `< 500ms`, got {value!r}")
        return cls(float(parsed[1]) * (1 if parsed[2] == "ms" else 1000))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        took = whole.duration_ms if seen is None else seen.duration_ms
        yield found(took < self.most_ms, f"< {self.most_ms:g} ms", f"{took:.0f} ms")
