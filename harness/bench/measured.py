"""measured - what a load run saw: counts, codes, errors, latencies; several processes' worth can be put together."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

INTERRUPTED = "interrupted"
Samples = array  # of doubles: seconds


def _samples() -> dict[str, array[float]]:
    return {}


@dataclass
class Measured:
    """Filled in by one driver.  Times are in seconds, on the machine's monotonic clock."""

    started: int = 0
    finished: int = 0  # sessions that came to their end, whatever it was
    messages: int = 0  # accepted
    bytes: int = 0  # written
    began_at: float = 0.0
    ended_at: float = 0.0
    cpu_s: float = 0.0  # of the driver
    busiest: float = 0.0  # share of one processor that the busiest driver took
    verdicts: Counter[str] = field(default_factory=Counter)
    mismatches: Counter[str] = field(default_factory=Counter)  # "session: got CODES" -> how often
    errors: Counter[str] = field(default_factory=Counter)
    latency: dict[str, array[float]] = field(default_factory=_samples)  # phase -> samples
    lag: array[float] = field(default_factory=lambda: array("d"))  # how late each session began, through our own fault
    due_s: float = 0.0  # when the last session of an open loop was to begin
    loop: array[float] = field(default_factory=lambda: array("d"))  # how long each turn of the poll loop took
    late_s: float = 0.0  # how late a session began at most because as many as may be were open
    backlog: int = 0  # bytes that a socket would not take, at most
    hopeless: str = ""  # why the load was given up early
    sequences: int = 1  # of arrivals, one a round
    before_s: float = 0.0  # what earlier rounds took

    @property
    def seconds(self) -> float:
        """From the first start to the last end, in all rounds."""
        return max(self.before_s + self.ended_at - self.began_at, 1e-9)

    def figures(self) -> dict[str, float]:
        """Every figure that a threshold may name; rates are 1/s, latencies s."""
        found: dict[str, float] = {
            "sessions.total": self.finished,
            "sessions.rate": self.finished / self.seconds,
            "messages.total": self.messages,
            "messages.rate": self.messages / self.seconds,
            "bytes.rate": self.bytes / self.seconds,
            "verdict.mismatch": sum(self.mismatches.values()),
            "errors.total": sum(self.errors.values()),
            "harness.cpu": self.busiest,
            "harness.backlog.max": self.backlog,
            "arrivals.late.max": self.late_s,
        }
        if self.due_s and self.started > self.sequences:
            found["arrivals.rate"] = (self.started - self.sequences) / self.due_s  # one interval less than sessions
        found |= {f"verdict.{word}": self.verdicts[word] for word in ("accept", "reject", "defer", "none")}
        found |= {f"errors.{kind}": self.errors[kind] for kind in ("refused", "reset", "timeout", "hung_up", "files")}
        named = {f"latency.{phase}": samples for phase, samples in self.latency.items()}
        for name, samples in (named | {"harness.lag": self.lag, "harness.loop": self.loop}).items():
            found |= {f"{name}.{word}": value for word, value in quantiles(samples).items()}
        return found


QUANTILES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999, "max": 1.0}


def quantiles(samples: array[float]) -> dict[str, float]:
    """p50 to max, and the mean; nothing at all where there is no sample.

    Each is a value that was measured, the least that so large a share does not exceed (nearest rank), as in
    HdrHistogram: p99 of 100 values is the 99th, and one may be larger.
    """
    if not samples:
        return {}
    inorder = sorted(samples)
    found = {word: inorder[max(math.ceil(share * len(inorder) - 1e-9), 1) - 1] for word, share in QUANTILES.items()}
    return {**found, "mean": sum(inorder) / len(inorder)}


def tells(word: str, many: int) -> bool:
    """Does a quantile say more of so many values than the greatest of them does?  p99.9 needs 1000."""
    return word == "max" or many * (1 - QUANTILES[word]) > 1 - 1e-9


def one_after_another(rounds: Iterable[Measured]) -> Measured:
    """What several rounds saw, as one: the time between them does not count."""
    parts = list(rounds)
    whole = together(parts)
    whole.began_at = whole.ended_at = 0.0
    whole.before_s = sum(part.seconds for part in parts)
    whole.due_s, whole.sequences = sum(part.due_s for part in parts), len(parts)
    return whole


def together(parts: Iterable[Measured]) -> Measured:
    """What several drivers saw at the same time, as one."""
    whole = Measured()
    for part in parts:
        whole.began_at = min(whole.began_at or part.began_at, part.began_at)
        whole.ended_at = max(whole.ended_at, part.ended_at)
        for name in ("started", "finished", "messages", "bytes", "cpu_s"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for name in ("busiest", "due_s", "late_s", "backlog"):
            setattr(whole, name, max(getattr(whole, name), getattr(part, name)))
        for counted in ("verdicts", "mismatches", "errors"):
            getattr(whole, counted).update(getattr(part, counted))
        for phase, samples in part.latency.items():
            whole.latency.setdefault(phase, array("d")).extend(samples)
        whole.lag.extend(part.lag)
        whole.loop.extend(part.loop)
        whole.hopeless = whole.hopeless or part.hopeless
    return whole
