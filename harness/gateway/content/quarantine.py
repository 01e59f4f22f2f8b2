"""quarantine - what one mail sets aside: a name of its own for each object, each object once, within a quota."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.gateway.content.outcome import Quarantine

Store = Callable[[str, bytes], bool]
"""Put bytes where a power cut cannot take them, under a name; False when that fails."""


@dataclass(slots=True)
class Shelf:
    """The objects one mail has set aside, for all groups of its recipients together."""

    queue_id: str
    now: float  # s since the epoch
    store: Store
    max_bytes: int = 0  # 0: no limit
    kept: list[Quarantine] = field(default_factory=list)

    def keep(self, path: str, reason: str, data: bytes, folder: str = "") -> tuple[str, str]:
        """(name it is stored under, "") or ("", why it is not).  What another group stored already is not stored again.

        The name is EPOCH-RAVqueueid with a number behind it, as RAV's own notices print it.
        """
        for one in self.kept:
            if (one.path, one.reason, one.data) == (path, reason, data) and one.name.startswith(_prefix(folder)):
                return one.name, ""
        if self.max_bytes and sum(len(one.data) for one in self.kept) + len(data) > self.max_bytes:
            return "", f"{len(data)} bytes do not fit: max_quarantine_bytes = {self.max_bytes}"
        name = f"{_prefix(folder)}{int(self.now)}-RAV{self.queue_id}-{len(self.kept) + 1}"
        if not self.store(name, data):
            return "", "the store failed"
        self.kept.append(Quarantine(name, path, reason, data))
        return name, ""


def _prefix(folder: str) -> str:
    """The folder as the first part of a name: a quarantine is flat, and a name never leads out of it."""
    clean = "".join(c if c.isalnum() or c in "_-" else "_" for c in folder)
    return f"{clean}." if clean else ""
