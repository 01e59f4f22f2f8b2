"""delivery - what arrived at the next hop.

deliveries: 1
deliveries: {count: 1, to: user@gw.test, sender: a@ok.test, contains: warn.txt, not_contains: eicar.com}
deliveries: [{to: user@gw.test, count: 1}, {to: archive@gw.test, count: 1}]
deliveries: {count: 1, header: {Subject: "/^\\[SPAM\\]/", X-Spam-Status: null}, golden: tagged.eml}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import Text, Times, expectations, found, not_shown, written_list
from harness.gateway.message import Message, parse_message
from harness.golden import golden
from harness.observation import Delivery, Observation, SessionSeen
from harness.result import Finding
from harness.transcript import masked


@dataclass(frozen=True)
class _Wanted:
    """Deliveries of one kind, and how many."""

    count: Times
    to: str | None = None
    sender: str | None = None
    contains: tuple[Text, ...] = ()
    not_contains: tuple[Text, ...] = ()
    header: dict[str, Text | None] = field(default_factory=dict)  # None: no such header
    golden: str = ""

    def check(self, deliveries: tuple[Delivery, ...], whole: Observation) -> Iterable[Finding]:
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
            for name, value in self.header.items():
                yield _headed(parse_message(delivery.data.replace(b"\r\n", b"\n")), name, value)
        if self.golden:
            # Several mails are one text, in an order that does not depend on when each arrived.
            text = "\n".join(sorted(masked(d.data.decode("utf-8", "surrogateescape"), (d.queue_id,)) for d in mine))
            kept = golden(whole, self.golden, text)
            yield found(text == kept, _shown(kept), _shown(text))

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
        if deliveries is None:
            yield not_shown("deliveries")
            return
        for wanted in self.wanted:
            yield from wanted.check(deliveries, whole)


def _headed(mail: Message, name: str, value: Text | None) -> Finding:
    values = [header.text for header in mail.all(name)]
    shown = f"{name}: {' | '.join(values)}" if values else f"no {name}"
    if value is None:
        return found(not values, f"no {name}", shown)
    return found(any(value.is_in(one) for one in values), f"{name}: {value}", shown)


def _wanted(value: Any) -> _Wanted:
    if isinstance(value, int | str):
        return _Wanted(Times(value))
    if not isinstance(value, dict):
        raise ScenarioError(f"expects a count or a mapping, got {value!r}")
    known = ("count", "to", "sender", "contains", "not_contains", "header", "golden")
    if wrong := [name for name in value if name not in known]:
        raise ScenarioError(f"a delivery has no {wrong[0]!r}; it has {', '.join(known)}")
    return _Wanted(
        Times(value.get("count", ">=1")), value.get("to"), value.get("sender"),
        _texts(value.get("contains")), _texts(value.get("not_contains")), _header(value.get("header", {})),
        str(value.get("golden", "")),
    )  # fmt: skip


def _header(value: Any) -> dict[str, Text | None]:
    if not isinstance(value, dict):
        raise ScenarioError(f"header: expects a mapping of names to texts, got {value!r}")
    return {str(name): None if text is None else Text(str(text)) for name, text in value.items()}


def _texts(value: Any) -> tuple[Text, ...]:
    """One text, several, or none."""
    if value is None:
        return ()
    return tuple(Text(str(one)) for one in written_list(value))


def _shown(text: str) -> str:
    return text if len(text) <= 1200 else f"{text[:900]}\n[... {len(text) - 1100} characters ...]\n{text[-200:]}"
