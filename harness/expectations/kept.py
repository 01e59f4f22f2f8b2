"""kept - what lies in quarantine, object by object: kept: {path: part0002:eicar.com, size: 68, contains: X5O}.

kept: [{path: eicar.com, name: /^\\d+-RAV/}, {path: invoice.pdf.exe, contains: MZ}]; kept: [] is nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.errors import ScenarioError, did_you_mean
from harness.expectation import Text, Times, expectations, found, not_shown
from harness.observation import Observation, Quarantined, SessionSeen
from harness.result import Finding

_KNOWN = ("path", "reason", "name", "size", "contains", "sha256", "count")


@dataclass(frozen=True)
class _Wanted:
    count: Times
    path: Text | None = None
    reason: Text | None = None
    name: Text | None = None
    size: Times | None = None
    contains: Text | None = None
    sha256: str | None = None

    def fits(self, one: Quarantined) -> bool:
        texts = (
            (self.path, one.path), (self.reason, one.reason), (self.name, one.name),
            (self.contains, one.data.decode("latin-1")),
        )  # fmt: skip
        return (
            all(want is None or want.is_in(have) for want, have in texts)
            and (self.size is None or self.size.fits(len(one.data)))
            and self.sha256 in (None, hashlib.sha256(one.data).hexdigest())
        )

    def __str__(self) -> str:
        parts = {name: getattr(self, name) for name in _KNOWN if name != "count"}
        return ", ".join(f"{name} {value}" for name, value in parts.items() if value is not None)


@expectations.register("kept")
@dataclass(frozen=True)
class KeptExpectation:
    """The objects that were set aside: where each was, why, under which name, how large, and what is in it."""

    wanted: tuple[_Wanted, ...]

    @classmethod
    def of(cls, value: Any, key: str) -> KeptExpectation:
        """From a mapping or a list of mappings; [] is nothing.  Raises ScenarioError."""
        return cls(tuple(_wanted(one) for one in (value if isinstance(value, list) else [value])))

    def phases(self) -> tuple[str, ...]:
        return ()

    def check(self, seen: SessionSeen | None, whole: Observation) -> Iterable[Finding]:
        kept = whole.quarantine if seen is None else seen.quarantine
        if kept is None:
            yield not_shown("quarantine")
            return
        shown = "; ".join(f"{one.name}: {one.path}: {one.reason}: {len(one.data)} bytes" for one in kept) or "nothing"
        if not self.wanted:
            yield found(not kept, "nothing in quarantine", shown)
        for wanted in self.wanted:
            number = sum(wanted.fits(one) for one in kept)
            yield found(wanted.count.fits(number), f"{wanted.count} objects kept: {wanted}", f"{number} ({shown})")


def _wanted(value: Any) -> _Wanted:
    if not isinstance(value, dict) or not set(value) - {"count"}:
        raise ScenarioError(f"expects a mapping of {', '.join(_KNOWN)}; got {value!r}")
    for name in value:
        if name not in _KNOWN:
            raise ScenarioError(f"a kept object has no {name!r}{did_you_mean(str(name), _KNOWN)}")
    texts = {name: Text(str(value[name])) for name in ("path", "reason", "name", "contains") if name in value}
    size = Times(value["size"]) if "size" in value else None
    digest = str(value["sha256"]).lower() if "sha256" in value else None
    return _Wanted(Times(value.get("count", ">=1")), size=size, sha256=digest, **texts)
