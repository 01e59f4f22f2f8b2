"""chain - what was done with what was found: chain: "clean:failed, delete:done".

chain: {steps: "move:failed, delete:done", name: Eicar-Test, path: part0002:eicar.com, result: deliver}
chain: [{path: a.com, result: discard}, {path: b.com, steps: "ignore:done"}]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import Text, expectations, found, not_shown
from harness.observation import AskedRule, Observation, SessionSeen
from harness.result import Finding

_KNOWN = ("steps", "result", "name", "path", "setting")
_RESULTS = ("deliver", "reject", "discard")
_SAID = re.compile(
    r"(.+?) in (.+?): (?:(done|failed|reject|discard)(?:: .*)?|the list ends, .*|still there .*)", re.DOTALL
)


@dataclass(frozen=True)
class _Chain:
    """One chain that ran: `clean:failed, delete:done`, `copy:done, end:reject`."""

    steps: str
    result: str
    name: str
    path: str
    setting: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.name} in {self.path}: {self.steps} -> {self.result}"


@dataclass(frozen=True)
class _Wanted:
    steps: str | None = None
    result: str | None = None
    name: Text | None = None
    path: Text | None = None
    setting: str | None = None

    def fits(self, chain: _Chain) -> bool:
        return (
            self.steps in (None, chain.steps)
            and self.result in (None, chain.result)
            and self.setting in (None, chain.setting)
            and (self.name is None or self.name.is_in(chain.name))
            and (self.path is None or self.path.is_in(chain.path))
        )

    def __str__(self) -> str:
        parts = {name: getattr(self, name) for name in _KNOWN}
        return ", ".join(f"{name} {value}" for name, value in parts.items() if value is not None)


@expectations.register("chain")
@dataclass(frozen=True)
class ChainExpectation:
    """Which actions were tried on an object, what each came to, and how the chain ended."""

    of_session: ClassVar[bool] = True
    wanted: tuple[_Wanted, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> ChainExpectation:
        """From steps, a mapping, or a list of either; [] means that no chain ran.  Raises ScenarioError."""
        return cls(tuple(_wanted(one) for one in (value if isinstance(value, list) else [value])))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        if seen.trace is None:
            yield not_shown("chain")
            return
        chains = list(_chains(seen.trace))
        shown = "\n".join(map(str, chains)) or "no chain ran"
        if not self.wanted:
            yield found(not chains, "no chain", shown)
        for wanted in self.wanted:
            yield found(any(wanted.fits(chain) for chain in chains), f"a chain: {wanted}", shown)


def _chains(trace: tuple[AskedRule, ...]) -> Iterator[_Chain]:
    """The chains in a trace: each ends with the step that decided."""
    steps: list[str] = []
    for asked in trace:
        if not (asked.place.startswith("act_for_") or asked.place == "antispam_configuration"):
            continue
        said = _SAID.fullmatch(asked.said)
        if said is None:
            continue
        steps.append(f"{asked.element}:{said[3]}" if said[3] else "end:reject")
        if asked.decided:
            word = said[3] or "reject"
            yield _Chain(", ".join(steps), "deliver" if word == "done" else word, said[1], said[2], asked.place)
            steps = []


def _wanted(value: Any) -> _Wanted:
    if isinstance(value, str):
        value = {"steps": value}
    if not isinstance(value, dict) or not value:
        raise ScenarioError(f"expects steps, or a mapping of {', '.join(_KNOWN)}; got {value!r}")
    for name in value:
        if name not in _KNOWN:
            raise ScenarioError(f"a chain has no {name!r}{did_you_mean(str(name), _KNOWN)}")
    result = value.get("result")
    if result is not None and result not in _RESULTS:
        raise ScenarioError(f"a chain ends in {', '.join(_RESULTS)}, not {result!r}")
    steps = value.get("steps")
    return _Wanted(
        None if steps is None else ", ".join(step.strip() for step in str(steps).split(",")),
        result,
        Text(value["name"]) if "name" in value else None,
        Text(value["path"]) if "path" in value else None,
        value.get("setting"),
    )
