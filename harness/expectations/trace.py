"""trace - rules that were asked on the way, deciding or not: trace: [{element: reject_rbl_client, said: DUNNO}]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError
from harness.expectation import Text, expectations, found, not_shown, written_list
from harness.observation import Observation, SessionSeen
from harness.result import Finding


@expectations.register("trace")
@dataclass(frozen=True)
class TraceExpectation:
    """Elements that must have been asked, and what each said."""

    of_session: ClassVar[bool] = True
    wanted: tuple[tuple[Text, Text | None], ...]

    @classmethod
    def of(cls, value: Any, key: str) -> TraceExpectation:
        """From an element, a mapping of element and said, or a list of either.  Raises ScenarioError."""
        return cls(tuple(_wanted(one) for one in written_list(value)))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        if seen.trace is None:
            yield not_shown("trace")
            return
        shown = "\n".join(f"{asked.place}: {asked.element}: {asked.said}" for asked in seen.trace)
        for element, said in self.wanted:
            met = any(element.is_in(asked.element) and (said is None or said.is_in(asked.said)) for asked in seen.trace)
            yield found(met, f"{element} asked" + (f", saying {said}" if said else ""), shown)


def _wanted(value: Any) -> tuple[Text, Text | None]:
    given = {"element": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or "element" not in given or set(given) - {"element", "said"}:
        raise ScenarioError(f"expects an element, or a mapping of element and said; got {value!r}")
    return Text(given["element"]), Text(given["said"]) if "said" in given else None
