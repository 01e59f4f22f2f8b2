"""outcome - where the mail is in the end: outcome: delivered once; outcome: [delivered once, bounced]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import expectations, found, not_shown, written_list
from harness.fate import OUTCOMES, outcome_of
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@expectations.register("outcome")
@dataclass(frozen=True)
class OutcomeExpectation:
    """The end of the mail once the queue has been tried again: delivered once, delivered twice, bounced, queued, ..."""

    of_session: ClassVar[bool] = True
    words: tuple[str, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> OutcomeExpectation:
        """From one outcome, or one for each way recipients fared.  Raises ScenarioError."""
        words = tuple(map(str, written_list(value)))
        for word in words:
            if word not in OUTCOMES:
                raise ScenarioError(f"no outcome {word!r}{did_you_mean(word, OUTCOMES)}")
        if "lost" in words:
            raise ScenarioError("there is no scenario in which mail may be lost")
        return cls(tuple(word for word in OUTCOMES if word in words))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        ends = outcome_of(seen)
        if ends is None:
            yield not_shown("outcome")
            return
        yield found(ends == self.words, " and ".join(self.words), " and ".join(ends))
