"""expectation - contract: what was seen -> findings; and the patterns that expectations are written in.

A member is a frozen dataclass in expectations/, registered under the keys users write below `expect:` or `after:`.
Its fields are the keys of its YAML mapping; a member that can be written in a shorter way has a classmethod
`of(value, key)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

from harness.errors import ScenarioError
from harness.observation import Observation, SessionSeen
from harness.registry import Registry
from harness.result import Finding, Status


class Expectation(Protocol):
    """Something a scenario says about one session, or (`seen` is None then) about the whole run.

    A member that speaks of one session only, and so cannot stand below `after:`, says `of_session = True`.
    """

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        """Findings, at least one; a thing the target cannot show gives one that is SKIPPED, never PASSED."""
        ...

    def phases(self) -> tuple[str, ...]:
        """The phases a session must have reached for this to mean anything."""
        ...


expectations: Registry[type[Expectation]] = Registry("expectation", "harness.expectations")


def written_list(value: Any, none: Any = None) -> list[Any]:
    """What is written alone or in a list, as a list; an empty list stands for `none`, such as a count of 0.

    Raises ScenarioError for an empty list where it would assert nothing.
    """
    if not isinstance(value, list):
        return [value]
    if not value and none is None:
        raise ScenarioError("an empty list asserts nothing")
    return value or [none]


def found(met: bool, expected: object, seen: object) -> Finding:
    """A finding; who the expectation is and where it stands is filled in by the judge."""
    return Finding("", Status.PASSED if met else Status.FAILED, str(expected), str(seen))


def not_shown(what: str) -> Finding:
    """The target cannot show this: not checked."""
    return Finding("", Status.SKIPPED, what, "this target cannot show it")


class Text:
    """`/regex/`, `/regex/i`, or plain text that must be contained."""

    def __init__(self, written: str) -> None:
        """Raises ScenarioError for a regex that is none."""
        self.written = str(written)
        if not self.written:
            raise ScenarioError("an empty text is in everything, so it asserts nothing")
        slashed = re.fullmatch(r"/(.*)/(i?)", self.written, re.DOTALL)
        try:
            self.regex = re.compile(slashed[1], re.IGNORECASE if slashed[2] else 0) if slashed else None
        except re.error as error:
            raise ScenarioError(f"bad regex {self.written}: {error}") from None

    def is_in(self, text: str) -> bool:
        """Whether the text has it."""
        return self.regex.search(text) is not None if self.regex else self.written in text

    def __str__(self) -> str:
        return self.written


class Times:
    """How often: `2`, `>=1`, `<= 3`, `0`."""

    def __init__(self, written: int | str) -> None:
        """Raises ScenarioError for what is no count, and for one that every number is."""
        parsed = re.fullmatch(r"(>=|<=|>|<|==|)\s*([0-9]+)", str(written).strip())
        if parsed is None:
            raise ScenarioError(f"expects a count as 2 or >=1, got {written!r}")
        self.operator, self.number = parsed[1] or "==", int(parsed[2])
        if (self.operator, self.number) == (">=", 0):
            raise ScenarioError(f"{written!r} asserts nothing: every count fits")
        if (self.operator, self.number) == ("<", 0):
            raise ScenarioError(f"{written!r} can never be")

    def fits(self, number: int) -> bool:
        """Whether so many are right."""
        match self.operator:
            case ">=":
                return number >= self.number
            case "<=":
                return number <= self.number
            case ">":
                return number > self.number
            case "<":
                return number < self.number
        return number == self.number

    def __str__(self) -> str:
        return str(self.number) if self.operator == "==" else f"{self.operator}{self.number}"
