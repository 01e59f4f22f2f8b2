"""quarantine - what was set aside: quarantine: {count: 1, reason: /eicar/i, path: invoice.pdf.exe}."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import Text, Times, expectations, found, not_shown
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@expectations.register("quarantine")
@dataclass(frozen=True)
class QuarantineExpectation:
    """How many objects were set aside, why, and where in the mail they were."""

    count: Times
    reason: Text | None = None
    path: Text | None = None

    @classmethod
    def of(cls, value: Any, key: str) -> QuarantineExpectation:
        """From a count or a mapping; an empty list: nothing is set aside.  Raises ScenarioError."""
        if isinstance(value, int | str):
            return cls(Times(value))
        if value == []:
            return cls(Times(0))
        if not isinstance(value, dict) or set(value) - {"count", "reason", "path"}:
            raise ScenarioError(f"expects a count or a mapping of count, reason, path; got {value!r}")
        reason, path = value.get("reason"), value.get("path")
        return cls(
            Times(value.get("count", ">=1")),
            None if reason is None else Text(reason),
            None if path is None else Text(path),
        )

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        kept = whole.quarantine if seen is None else seen.quarantine
        if kept is None:
            yield not_shown("quarantine")
            return
        mine = [
            one
            for one in kept
            if (self.reason is None or self.reason.is_in(one.reason))
            and (self.path is None or self.path.is_in(one.path))
        ]
        wanted = f"{self.count} objects" + (f" for {self.reason}" if self.reason else "")
        wanted += f" at {self.path}" if self.path else ""
        others = "; ".join(f"{one.path}: {one.reason}" for one in kept) or "none"
        yield found(self.count.fits(len(mine)), wanted, f"{len(mine)} ({others})")
