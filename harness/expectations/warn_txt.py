"""warn_txt - the text in the place of what was taken out: warn_txt: 0, warn_txt: {count: 1, size: 68, contains: Eicar}.

The size is that of the decoded part, in bytes, as a mail program saves it.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import Text, Times, expectations, found, not_shown
from harness.observation import Delivery, Observation, SessionSeen
from harness.result import Finding

_KNOWN = ("count", "size", "contains", "not_contains", "to")
_NAME = "warn.txt"
_LONGEST_LINE = 998  # RFC 5321 4.5.3.1.6, without CRLF


@expectations.register("warn_txt")
@dataclass(frozen=True)
class WarnTxtExpectation:
    """How many parts named warn.txt arrived, how large each is, and what it says; no line of it is too long."""

    count: Times
    size: Times | None = None
    contains: Text | None = None
    not_contains: Text | None = None
    to: str | None = None

    @classmethod
    def of(cls, value: Any, key: str) -> WarnTxtExpectation:
        """From a count or a mapping.  Raises ScenarioError."""
        if isinstance(value, int | str) and not isinstance(value, bool):
            return cls(Times(value))
        if not isinstance(value, dict) or not value:
            raise ScenarioError(f"expects a count, or a mapping of {', '.join(_KNOWN)}; got {value!r}")
        for name in value:
            if name not in _KNOWN:
                raise ScenarioError(f"warn.txt has no {name!r}{did_you_mean(str(name), _KNOWN)}")
        return cls(
            Times(value.get("count", ">=1")),
            Times(value["size"]) if "size" in value else None,
            Text(value["contains"]) if "contains" in value else None,
            Text(value["not_contains"]) if "not_contains" in value else None,
            value.get("to"),
        )

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        deliveries = whole.deliveries if seen is None else seen.deliveries
        if deliveries is None:
            yield not_shown(_NAME)
            return
        mine = [one for one in deliveries if self.to is None or self.to in one.recipients]
        texts = [text for delivery in mine for text in _warnings(delivery)]
        yield found(self.count.fits(len(texts)), f"{self.count} parts named {_NAME}", len(texts))
        for data in texts:
            text = data.decode("utf-8", "replace")
            if self.size is not None:
                yield found(self.size.fits(len(data)), f"{_NAME} of {self.size} bytes", len(data))
            if self.contains is not None:
                yield found(self.contains.is_in(text), f"{_NAME} that contains {self.contains}", text[:500])
            if self.not_contains is not None:
                yield found(not self.not_contains.is_in(text), f"{_NAME} without {self.not_contains}", text[:500])
        for delivery in mine if texts else ():
            longest = max(map(len, delivery.data.split(b"\r\n")))
            yield found(longest <= _LONGEST_LINE, f"lines of {_LONGEST_LINE} octets at most", longest)


def _warnings(delivery: Delivery) -> Iterator[bytes]:
    """The decoded content of every part of this name."""
    for part in email.message_from_bytes(delivery.data, policy=email.policy.compat32).walk():
        if part.get_filename() == _NAME:
            content = part.get_payload(decode=True)
            yield content if isinstance(content, bytes) else b""
