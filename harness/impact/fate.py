"""fate - what became of one session under one set of rules, small enough to keep a million of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.gateway.rule import Rule
from harness.gateway.session import Asked
from harness.observation import AskedRule

DELIVERED = ("accept", "redirect")
"""Verdicts after which the mail is on its way to somebody."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The line that made a fate: the rule, the element that stands there, and the list or table it stands in."""

    file: str
    line: int
    text: str
    place: str = ""
    element: str = ""

    def elsewhere(self, other: Cause) -> bool:
        """Is the other one the same line, moved up or down in its file?"""
        return (self.file, self.text, self.place, self.element) == (other.file, other.text, other.place, other.element)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.text}" if where else self.text


NOTHING = Cause("", 0, "nothing was against it")


@dataclass(frozen=True, slots=True)
class Fate:
    """Verdict and telling reply, the line behind them, and everything that came of the mail.

    `refused` and `reached` are recipients; `notices` (kind, to) pairs; `kept` what was put into quarantine and why;
    `digest` tells one delivered content from another.  `failure` says why nothing was decided.
    """

    verdict: str
    phase: str = ""
    code: int = 0
    text: str = ""
    cause: Cause = NOTHING
    refused: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    kept: tuple[str, ...] = ()
    digest: int = 0
    failure: str = ""

    @property
    def delivered(self) -> bool:
        """Is it on its way to somebody?"""
        return self.verdict in DELIVERED


FIELDS = ("verdict", "phase", "code", "text", "cause", "refused", "reached", "notices", "kept", "digest", "failure")


def differences(old: Fate, new: Fate) -> tuple[str, ...]:
    """The fields in which two fates differ."""
    if old == new:
        return ()
    changed = [name for name in FIELDS if getattr(old, name) != getattr(new, name)]
    if "cause" in changed and old.cause.elsewhere(new.cause):
        changed.remove("cause")
    return tuple(changed)


def cause_of(trace: Sequence[Asked | AskedRule]) -> Cause:
    """The line that made a session's fate: the last that decided, else the last that said OK.

    A line of a table decides on behalf of the element that asked the table, which stands before it in the trace.
    """
    fallback = -1
    for at in range(len(trace) - 1, -1, -1):
        asked = trace[at]
        if asked.decided:
            return _cause(trace, at)
        if fallback < 0 and asked.said == "OK":
            fallback = at
    return _cause(trace, fallback) if fallback >= 0 else NOTHING


_known: dict[tuple[Rule, str, str], Cause] = {}  # rules are few, sessions many


def _cause(trace: Sequence[Asked | AskedRule], at: int) -> Cause:
    asked, before = trace[at], trace[at - 1] if at else None
    place, element = asked.place, asked.element
    if before is not None and ":" in place and place in before.element:
        place, element = before.place, before.element
    key = (asked.rule, place, element)
    cause = _known.get(key)
    if cause is None:
        rule = asked.rule
        cause = _known[key] = Cause(rule.file, rule.line, rule.text, place, element)
    return cause
