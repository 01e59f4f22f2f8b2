"""ledger - who was told of what within the hour, so that a flood of one virus is not a flood of notices about it."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR_S = 3600.0
_MOST = 50_000  # entries; the oldest go first

Key = tuple[str, str, str]
"""Party, address, name of the finding."""


@dataclass(slots=True)
class _Entry:
    since: float
    told: int = 0
    withheld: int = 0


@dataclass(slots=True)
class Ledger:
    """What a gateway remembers beyond one mail; a reload keeps it."""

    entries: dict[Key, _Entry] = field(default_factory=dict)

    def admit(self, key: Key, now: float, most: int) -> tuple[bool, int]:
        """(whether this one may be told, how many like it were withheld in the hour before); `most` 0 is no limit."""
        if not most:
            return True, 0
        entry = self.entries.get(key)
        missed = 0
        if entry is None or now - entry.since >= HOUR_S:
            missed = entry.withheld if entry else 0
            self.entries.pop(key, None)  # so that the oldest are always in front
            entry = self.entries[key] = _Entry(now)
            if len(self.entries) > _MOST:
                del self.entries[next(iter(self.entries))]
        if entry.told < most:
            entry.told += 1
            return True, missed
        entry.withheld += 1
        return False, 0
