"""delivery - what arrived at the next hop.

deliveries: 1
deliveries: {count: 1, to: user@gw.test, sender: a@ok.test, contains: warn.txt, not_contains: eicar.com}
deliveries: [{to: user@gw.test, count: 1}, {to: archive@gw.test, count: 1}]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import Text, Times, expectations, found, written_list
from harness.observation import Delivery, Observation, SessionSeen
from harness.result import Finding


@dataclass(frozen=True)
class _Wanted:
    """Deliveries of one kind, and how many."""

    count: Times
    to: str | None = None
    sender: str | None = None
    contains: tuple[Text, ...] = ()
    not_contains: tuple[Text, ...] = ()

    def check(self, deliveries: tuple[Delivery, ...]) -> Iterable[Finding]:
        mine = [d for d in deliveries if self._is_mine(d)]
        whom = f" to {self.to}" if self.to is not None else ""
        whose = f" from <{self.sender}>" if self.sender is not None else ""
        others = "; ".join(f"<{d.sender}> to {', '.join(d.recipients)}" for d in deliveries) or "none"
        yield found(self.count.fits(len(mine)), f"{self.count} deliveries{whom}{whose}", f"{len(mine)} ({others})")
        for delivery in mine:
            text = delivery.data.decode("utf-8", "surrogateescape")
            for want in self.contains:
                yield found(want.is_in(text), f"a delivered mail that contains {want}", _shown(text))
            for want in self.not_contains:
                yield found(not want.is_in(text), f"a delivered mail without {want}", _shown(text))

    def _is_mine(self, delivery: Delivery) -> bool:
        return (self.to is None or self.to in delivery.recipients) and self.sender in (None, delivery.sender)


@expectations.register("deliveries", "delivery")
@dataclass(frozen=True)
class DeliveryExpectation:
    """How many mails arrived at the next hop, for whom, from whom, and what is (not) in them."""

    wanted: tuple[_Wanted, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> DeliveryExpectation:
        """From a count, a mapping or a list of mappings (empty: nothing arrives).  Raises ScenarioError."""
        return cls(tuple(_wanted(one) for one in written_list(value, 0)))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        deliveries = whole.deliveries if seen is None else seen.deliveries
        for wanted in self.wanted:
            yield from wanted.check(deliveries)


def _wanted(value: Any) -> _Wanted:
    if isinstance(value, int | str):
        return _Wanted(Times(value))
    if not isinstance(value, dict):
        raise ScenarioError(f"expects a count or a mapping, got {value!r}")
    known = ("count", "to", "sender", "contains", "not_contains")
    if wrong := [name for name in value if name not in known]:
        raise ScenarioError(f"a delivery has no {wrong[0]!r}; it has {', '.join(known)}")
    return _Wanted(
        Times(value.get("count", ">=1")), value.get("to"), value.get("sender"),
        _texts(value.get("contains")), _texts(value.get("not_contains")),
    )  # fmt: skip


def _texts(value: Any) -> tuple[Text, ...]:
    """One text, several, or none."""
    if value is None:
        return ()
    return tuple(Text(str(one)) for one in written_list(value))


def _shown(text: str) -> str:
    return text if len(text) <= 1200 else f"{text[:900]}\n[... {len(text) - 1100} characters ...]\n{text[-200:]}"
