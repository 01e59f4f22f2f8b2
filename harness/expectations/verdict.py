"""verdict - what became of the mail, in one word: verdict: reject; or in one of several: verdict: [reject, defer]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import expectations, found, not_shown, written_list
from harness.fate import TAKEN
from harness.observation import Observation, SessionSeen, Verdict
from harness.result import Finding


@expectations.register("verdict")
@dataclass(frozen=True)
class VerdictExpectation:
    """The fate of the session's mail, or a list of fates of which any will do."""

    of_session: ClassVar[bool] = True
    words: tuple[str, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> VerdictExpectation:
        """From a word or a list of words.  Raises ScenarioError."""
        words = tuple(map(str, written_list(value)))
        for word in words:
            if word not in get_args(Verdict):
                raise ScenarioError(f"no verdict {word!r}{did_you_mean(word, get_args(Verdict))}")
        return cls(words)

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        if seen.accounts is None and seen.verdict in TAKEN and TAKEN & set(self.words):
            # A positive reply is all that was seen: whether the mail was then held or thrown away, was not.
            yield not_shown(f"what became of the mail that it took: {' or '.join(self.words)}")
            return
        yield found(seen.verdict in self.words, " or ".join(self.words), seen.verdict)
