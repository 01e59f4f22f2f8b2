"""told - who had a notice about what was found, and who had none: told: [receiver, administrator].

told: []                                   nobody
told: {sender: /null sender/, receiver: true, administrator: false}    a text says why a party is not told
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import Text, expectations, found, not_shown
from harness.observation import AskedRule, Observation, SessionSeen
from harness.result import Finding

_PARTIES = ("sender", "receiver", "administrator")


@expectations.register("told")
@dataclass(frozen=True)
class ToldExpectation:
    """Who is told and who is not: by the target's own account, and by the notices that it really wrote."""

    of_session: ClassVar[bool] = True
    wanted: tuple[tuple[str, bool, Text | None], ...]  # party, told, why not

    @classmethod
    def of(cls, value: Any, key: str) -> ToldExpectation:
        """From a list of those who are told (the others are not), or a mapping by party.  Raises ScenarioError."""
        names = value if isinstance(value, list | dict) else [value]
        for name in names:
            if name not in _PARTIES:
                raise ScenarioError(f"no party {name!r}{did_you_mean(str(name), _PARTIES)}")
        if not isinstance(value, dict):
            return cls(tuple((party, party in names, None) for party in _PARTIES))
        if not value:
            raise ScenarioError("expects at least one party")
        return cls(tuple(_wanted(party, given) for party, given in value.items()))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        assert seen is not None
        if seen.trace is None or seen.notifications is None:
            yield not_shown("told")
            return
        notices = [one for one in seen.notifications if one.kind not in ("bounce", "forward")]
        arrived = {one.to for one in notices}
        for party, told, why in self.wanted:
            mine = [asked for asked in seen.trace if asked.place == f"warn_{party}"]
            yes = [asked for asked in mine if asked.said.startswith("told of ")]
            shown = "; ".join(f"{asked.element}: {asked.said}" for asked in mine) or "nobody was to be told"
            yield found(bool(yes) == told, f"{party} {'told' if told else 'not told'}", shown)
            if why is not None:
                yield found(any(why.is_in(asked.said) for asked in mine), f"{party} not told: {why}", shown)
            if told:
                yield from _written(party, yes, arrived)
        if not any(told for _, told, _ in self.wanted) and len(self.wanted) == len(_PARTIES):
            yield found(not notices, "no notice", ", ".join(f"{one.kind} to <{one.to}>" for one in notices) or "none")


def _written(party: str, told: list[AskedRule], arrived: set[str]) -> Iterable[Finding]:
    for asked in told:
        yield found(asked.element in arrived, f"a notice to the {party} <{asked.element}>", ", ".join(sorted(arrived)))


def _wanted(party: str, given: Any) -> tuple[str, bool, Text | None]:
    if given in (True, "yes") or given in (False, "no"):
        return party, given in (True, "yes"), None
    if not isinstance(given, str):
        raise ScenarioError(f"{party}: expects true, false, or the reason why not; got {given!r}")
    return party, False, Text(given)
