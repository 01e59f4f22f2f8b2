"""rule - which line decided: a restriction, a line of a table, a header check, an action of the content engine.

rule: reject_rbl_client rbl.test
rule: {place: header_checks, file: header_checks.regexp, line: 3}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from harness.errors import ScenarioError
from harness.expectation import Text, expectations, found, not_shown
from harness.observation import AskedRule, Observation, SessionSeen
from harness.result import Finding


@expectations.register("rule")
@dataclass(frozen=True)
class RuleExpectation:
    """The rule that decided: its element (text or /regex/), its list, its file, its line, its text."""

    of_session: ClassVar[bool] = True
    element: str | None = None
    place: str | None = None
    file: str | None = None
    line: int | None = None
    text: str | None = None

    @classmethod
    def of(cls, value: Any, key: str) -> RuleExpectation:
        """From the element alone, or from a mapping.  Raises ScenarioError."""
        if isinstance(value, str):
            return cls(element=value)
        if not isinstance(value, dict):
            raise ScenarioError(f"expects the rule's element or a mapping, got {value!r}")
        if wrong := set(value) - {field.name for field in fields(cls)}:
            raise ScenarioError(f"a rule has no {sorted(wrong)[0]!r}; it has element, place, file, line, text")
        if not value:
            raise ScenarioError("a rule without anything to tell it by")
        texts = {name: str(given) for name, given in value.items() if name != "line"}
        return cls(line=int(value["line"]) if "line" in value else None, **texts)

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        if seen.trace is None:
            yield not_shown(f"rule {self}")
            return
        asked = seen.rule
        shown = "no rule decided" if asked is None else f"{asked.place}: {asked.element} ({asked.rule})"
        yield found(asked is not None and self._fits(asked), self, shown)

    def _fits(self, asked: AskedRule) -> bool:
        wanted = (
            (self.element, f"{asked.element} {asked.rule.text}"),
            (self.place, asked.place),
            (self.text, asked.rule.text),
        )
        return (
            all(want is None or Text(want).is_in(have) for want, have in wanted)
            and self.file in (None, asked.rule.file)
            and self.line in (None, asked.rule.line)
        )

    def __str__(self) -> str:
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return ", ".join(f"{name} {value}" for name, value in parts.items() if value is not None)
