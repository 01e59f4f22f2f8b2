"""bulk - the bulk score: bulk: {score: ">=12", reached: true, feature: [Gtube], without: SubjectShouts, section: NAME}.

bulk: 0        no section scored the mail (a white-listed client, an infected mail, antispam_configuration = none)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import expectations, found, not_shown
from harness.observation import AskedRule, Observation, SessionSeen
from harness.result import Finding

_KNOWN = ("score", "reached", "feature", "without", "section")
_SCORE = re.compile(r"(>=|<=|>|<|==|)\s*([0-9]+(?:\.[0-9]+)?)")
_SAID = re.compile(r"score ([0-9.]+)(?: \((.*)\))? of ([0-9.]+)")


@expectations.register("bulk")
@dataclass(frozen=True)
class BulkExpectation:
    """The score, whether it reached its section's level, and which features made it."""

    of_session: ClassVar[bool] = True
    scored: bool
    score: tuple[str, float] | None = None  # comparison, points
    reached: bool | None = None
    feature: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    section: str | None = None

    @classmethod
    def of(cls, value: Any, key: str) -> BulkExpectation:
        """From 0, or a mapping.  Raises ScenarioError."""
        if value == 0 and not isinstance(value, bool):
            return cls(False)
        if not isinstance(value, dict) or not value:
            raise ScenarioError(f"expects 0, or a mapping of {', '.join(_KNOWN)}; got {value!r}")
        for name in value:
            if name not in _KNOWN:
                raise ScenarioError(f"a bulk score has no {name!r}{did_you_mean(str(name), _KNOWN)}")
        reached = value.get("reached")
        if reached not in (None, True, False):
            raise ScenarioError(f"reached is true or false, not {reached!r}")
        return cls(
            True,
            _points(value["score"]) if "score" in value else None,
            reached,
            _names(value.get("feature")),
            _names(value.get("without")),
            value.get("section"),
        )

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        if seen.trace is None:
            yield not_shown("bulk score")
            return
        scored = [asked for asked in seen.trace if asked.place == "bulk"]
        mine = [asked for asked in scored if self.section in (None, asked.element)]
        shown = "; ".join(f"{asked.element}: {asked.said}" for asked in scored) or "no score"
        if not self.scored:
            yield found(not scored, "no bulk score", shown)
            return
        yield found(bool(mine), f"a bulk score{f' by {self.section}' if self.section else ''}", shown)
        for asked in mine:
            yield from self._judged(asked, shown)

    def _judged(self, asked: AskedRule, shown: str) -> Iterable[Finding]:
        said = _SAID.fullmatch(asked.said)
        assert said is not None, asked.said
        points, least = float(said[1]), float(said[3])
        features = {one.rpartition(" ")[0] for one in (said[2] or "").split(", ")}
        if self.score is not None:
            comparison, wanted = self.score
            met = {
                ">=": points >= wanted, "<=": points <= wanted, ">": points > wanted, "<": points < wanted,
            }.get(comparison, points == wanted)  # fmt: skip
            yield found(met, f"score {comparison}{wanted:g}", shown)
        if self.reached is not None:
            words = "level reached" if self.reached else "level not reached"
            yield found((points >= least) == self.reached, words, shown)
        for name in self.feature:
            yield found(name in features, f"feature {name}", shown)
        for name in self.without:
            yield found(name not in features, f"no feature {name}", shown)


def _points(written: Any) -> tuple[str, float]:
    parsed = _SCORE.fullmatch(str(written).strip())
    if parsed is None:
        raise ScenarioError(f"expects a score as 7.5 or >=12, got {written!r}")
    return parsed[1], float(parsed[2])


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
