"""finding - what the content engine found: infected: Eicar-Test, suspicious: 0, unscannable: {name: /Limits/}.

infected: {name: Eicar-Test, path: part0002:a.zip/eicar.com, count: 1, file: rav/signatures/own.txt}
filtered: [{name: Filter.Subject}, {path: part0002:a.xyz}]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import Text, Times, expectations, found, not_shown
from harness.observation import AskedRule, Observation, SessionSeen
from harness.result import Finding

_KNOWN = ("count", "name", "path", "file", "line")
_PLACES = {"filtered": ("filter_subject", "filter_attachment", "filter_content")}


@dataclass(frozen=True)
class _Wanted:
    count: Times
    name: Text | None = None
    path: Text | None = None
    file: str | None = None
    line: int | None = None

    def fits(self, asked: AskedRule) -> bool:
        return (
            (self.name is None or self.name.is_in(asked.element))
            and (self.path is None or self.path.is_in(asked.said))
            and self.file in (None, asked.rule.file)
            and self.line in (None, asked.rule.line)
        )

    def __str__(self) -> str:
        parts = {name: getattr(self, name) for name in _KNOWN if name != "count"}
        return "".join(f", {name} {value}" for name, value in parts.items() if value is not None)


@expectations.register("infected", "suspicious", "unscannable", "filtered")
@dataclass(frozen=True)
class FindingExpectation:
    """How many findings of a class there are, under which name, in which object, by which line."""

    cls: str
    wanted: tuple[_Wanted, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> FindingExpectation:
        """From a count, a name, a mapping, or a list of names and mappings; [] is none.  Raises ScenarioError."""
        if value == []:
            return cls(key, (_Wanted(Times(0)),))
        return cls(key, tuple(_wanted(one) for one in (value if isinstance(value, list) else [value])))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        sessions = whole.sessions if seen is None else (seen,)
        if any(session.trace is None for session in sessions):
            yield not_shown(f"{self.cls} findings")
            return
        places = _PLACES.get(self.cls, (self.cls,))
        mine = [asked for session in sessions for asked in session.trace or () if asked.place in places]
        shown = "; ".join(f"{asked.element} in {asked.said}" for asked in mine) or "none"
        for wanted in self.wanted:
            number = sum(wanted.fits(asked) for asked in mine)
            yield found(wanted.count.fits(number), f"{wanted.count} {self.cls}{wanted}", f"{number} ({shown})")


def _wanted(value: Any) -> _Wanted:
    if isinstance(value, int) and not isinstance(value, bool):
        return _Wanted(Times(value))
    if isinstance(value, str):
        return _Wanted(Times(">=1"), Text(value))
    if not isinstance(value, dict) or not value:
        raise ScenarioError(f"expects a count, a name, or a mapping of {', '.join(_KNOWN)}; got {value!r}")
    for name in value:
        if name not in _KNOWN:
            raise ScenarioError(f"a finding has no {name!r}{did_you_mean(str(name), _KNOWN)}")
    return _Wanted(
        Times(value.get("count", ">=1")),
        Text(value["name"]) if "name" in value else None,
        Text(value["path"]) if "path" in value else None,
        str(value["file"]) if "file" in value else None,
        int(value["line"]) if "line" in value else None,
    )
