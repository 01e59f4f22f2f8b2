"""notification - the mails the gateway wrote itself: bounces, and warnings to sender, receiver and administrator.

notifications: {count: 0}
notifications: [{to: user@gw.test, count: 1, kind: infected, subject: /virus/i, from: "", auto_submitted: true}]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError
from harness.expectation import Text, Times, expectations, found, not_shown, written_list
from harness.observation import Notification, Observation, SessionSeen
from harness.result import Finding

_KNOWN = ("count", "to", "kind", "subject", "from", "contains", "not_contains", "auto_submitted")


@dataclass(frozen=True)
class _Wanted:
    count: Times
    to: str | None
    kind: str | None
    subject: Text | None
    sender: str | None
    contains: Text | None
    not_contains: Text | None
    auto_submitted: bool | None

    def check(self, notifications: tuple[Notification, ...]) -> Iterable[Finding]:
        mine = [n for n in notifications if self.to in (None, n.to) and self.kind in (None, n.kind)]
        what = f"{self.kind or 'any'} notifications" + (f" to <{self.to}>" if self.to is not None else "")
        others = "; ".join(f"{n.kind} to <{n.to}>: {n.subject}" for n in notifications) or "none"
        yield found(self.count.fits(len(mine)), f"{self.count} {what}", f"{len(mine)} ({others})")
        for notification in mine:
            text = notification.data.decode("utf-8", "surrogateescape")
            if self.subject is not None:
                yield found(self.subject.is_in(notification.subject), f"subject {self.subject}", notification.subject)
            if self.sender is not None:
                yield found(notification.sender == self.sender, f"from <{self.sender}>", f"<{notification.sender}>")
            if self.contains is not None:
                yield found(self.contains.is_in(text), f"a notification that contains {self.contains}", text)
            if self.not_contains is not None:
                yield found(not self.not_contains.is_in(text), f"a notification without {self.not_contains}", text)
            if self.auto_submitted is not None:
                marked = "\nauto-submitted: auto-" in text.replace("\r\n", "\n").lower()
                yield found(marked == self.auto_submitted, f"Auto-Submitted: {self.auto_submitted}", marked)


@expectations.register("notifications", "notification")
@dataclass(frozen=True)
class NotificationExpectation:
    """Who was told what: how many, to whom, of which kind, and what they say."""

    wanted: tuple[_Wanted, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> NotificationExpectation:
        """From a count, a mapping or a list of mappings (empty: nobody is told).  Raises ScenarioError."""
        return cls(tuple(_wanted(one) for one in written_list(value, 0)))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        notifications = whole.notifications if seen is None else seen.notifications
        if notifications is None:
            yield not_shown("notifications")
            return
        for wanted in self.wanted:
            yield from wanted.check(notifications)


def _wanted(value: Any) -> _Wanted:
    if isinstance(value, int | str):
        value = {"count": value}
    if not isinstance(value, dict):
        raise ScenarioError(f"expects a count or a mapping, got {value!r}")
    if wrong := [name for name in value if name not in _KNOWN]:
        raise ScenarioError(f"a notification has no {wrong[0]!r}; it has {', '.join(_KNOWN)}")
    subject, contains, without = (value.get(name) for name in ("subject", "contains", "not_contains"))
    return _Wanted(
        Times(value.get("count", ">=1")),
        value.get("to"),
        value.get("kind"),
        None if subject is None else Text(subject),
        value.get("from"),
        None if contains is None else Text(contains),
        None if without is None else Text(without),
        value.get("auto_submitted"),
    )
