"""transcript - the whole dialogue, against a golden file: transcript: true, or the name of the file.

Goldens lie in `__golden__` beside the scenario.  What differs from run to run (queue ids, dates, ports) is masked.
`--update-golden` writes them anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from harness.errors import ScenarioError
from harness.expectation import expectations, found
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
        path = self.path(seen, whole)
        lines = transcript(seen)
        if whole.extra.get("update_golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(lines.encode("utf-8", "surrogateescape"))  # replies may have 8-bit bytes, and bare CRs
        kept = (
            path.read_bytes().decode("utf-8", "surrogateescape")
            if path.is_file()
            else "(no golden file; --update-golden writes it)"
        )
        yield found(lines == kept, kept, lines)

    def path(self, seen: SessionSeen, whole: Observation) -> Path:
        """Where the golden of this session is."""
        cell = "".join(f"[{name}={value}]" for name, value in whole.cell)
        scenario = Path(whole.extra["file"])
        return scenario.parent / "__golden__" / (self.name or f"{scenario.stem}.{seen.id}{cell}.transcript")
