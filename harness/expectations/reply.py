"""reply - what the gateway answers in each phase.

rcpt: 554 5.7.1 /blocked using rbl\\.test/      one pattern: the reply to each RCPT
rcpt: [250, 554 5.7.1]                         one for each, in order
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError
from harness.expectation import expectations, found
from harness.observation import Observation, SessionSeen
from harness.result import Finding
from harness.smtp.pattern import ReplyPattern, parse_pattern


@expectations.register("connect", "helo", "mail", "rcpt", "data", "end_of_data", "quit")
@dataclass(frozen=True)
class ReplyExpectation:
    """The replies of one phase: CLASS [ENH] [TEXT | /regex/], or a list of them."""

    of_session: ClassVar[bool] = True
    phase: str
    patterns: tuple[ReplyPattern, ...]
    each: bool  # a list: as many replies as patterns

    @classmethod
    def of(cls, value: Any, key: str) -> ReplyExpectation:
        """From a pattern or a list of them.  Raises ScenarioError."""
        written = value if isinstance(value, list) else [value]
        if not written or not all(isinstance(one, str | int) for one in written):
            raise ScenarioError(f"expects a reply pattern or a list of them, got {value!r}")
        return cls(key, tuple(parse_pattern(str(one)) for one in written), isinstance(value, list))

    def phases(self) -> tuple[str, ...]:
        return (self.phase,)

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        replies = [exchange.reply for exchange in seen.exchanges if exchange.phase == self.phase]
        shown = " | ".join("(hung up)" if reply is None else str(reply) for reply in replies)
        wanted = " | ".join(map(str, self.patterns))
        patterns = self.patterns if self.each else self.patterns * len(replies)
        met = len(replies) == len(patterns) and all(
            reply is not None and pattern.matches(reply) for pattern, reply in zip(patterns, replies, strict=True)
        )
        yield found(met and bool(replies), wanted, shown)
