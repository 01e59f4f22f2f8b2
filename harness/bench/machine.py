"""machine - which machine this is, and how fast it is right now: figures of two machines are no comparison. (IO)"""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

_SPIN = 20_000
_TAKES = 3


def fingerprint() -> dict[str, str]:
    """What tells one machine from another, and one set-up of it from the next."""
    return {
        "host": platform.node(),
        "processor": _processor(),
        "processors": str(len(os.sched_getaffinity(0))),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def differences(then: dict[str, str], now: dict[str, str]) -> str:
    """In what two fingerprints differ, for people; "" where it is the same machine."""
    parts = (
        f"{name} {then.get(name, '?')} then, {now.get(name, '?')} now"
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    )
    return "; ".join(parts)


def speed() -> float:
    """Rounds of a fixed piece of work in a second of processor time: what a busy neighbour, or heat, makes of it."""
    best = float("inf")
    for _ in range(_TAKES):
        before, total = time.thread_time(), 0
        for number in range(_SPIN):
            total += number & 7
        best = min(best, time.thread_time() - before)
    return _SPIN / max(best, 1e-9)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
