"""clock - what time it is: the real one, and one that a scenario or a test sets by hand."""

from __future__ import annotations

import os
import time
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time in seconds since the epoch."""

    def now(self) -> float:
        """Seconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()


def process_started_at() -> float:
    """When this process began, in s since the epoch; where the system does not tell, when this module was imported."""
    return _STARTED_AT


def _started_at() -> float:
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as stat:  # proc(5): field 22, ticks since boot
            ticks = int(stat.read().rpartition(")")[2].split()[19])
        running_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError):  # not Linux
        running_s = 0.0
    return time.time() - running_s


_STARTED_AT = _started_at()


class HandClock:
    """A clock that stands still until somebody turns it."""

    def __init__(self, at: float = 0.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def turn(self, seconds: float) -> None:
        """Go forward (or back) by so many seconds."""
        self.at += seconds
