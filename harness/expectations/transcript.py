"""transcript - the whole dialogue, against a golden file: transcript: true, or the name of the file.

What differs from run to run (queue ids, dates, ports) is masked.  `--update-golden` writes the file anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError
from harness.expectation import expectations, found
from harness.golden import golden, golden_name
from harness.observation import Observation, SessionSeen
from harness.result import Finding
from harness.transcript import transcript


@expectations.register("transcript")
@dataclass(frozen=True)
class TranscriptExpectation:
    """Every line of the dialogue, as the golden file has it."""

    of_session: ClassVar[bool] = True
    name: str = ""

    @classmethod
    def of(cls, value: Any, key: str) -> TranscriptExpectation:
        """From `true` (a file named after the session and its cell) or a file name.  Raises ScenarioError."""
        if value is not True and not (isinstance(value, str) and value):
            raise ScenarioError(f"expects true or a file name, got {value!r}")
        return cls("" if value is True else value)

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        lines = transcript(seen)
        kept = golden(whole, self.name or golden_name(whole, seen.id, "transcript"), lines)
        yield found(lines == kept, kept, lines)
