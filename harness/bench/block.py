"""block - a short stretch of load on one side: what was done in it, what it took, and its latencies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.bench.histogram import Histogram
from harness.bench.measured import Measured

RATIOS: Mapping[str, tuple[str, str]] = {
    "sessions.rate": ("sessions", "seconds"),
    "messages.rate": ("messages", "seconds"),
    "bytes.rate": ("bytes", "seconds"),
    "gateway.cpu": ("cpu_s", "seconds"),
    "gateway.cpu.session": ("cpu_s", "sessions"),
}
PEAKS: Mapping[str, str] = {"gateway.rss.max": "rss", "gateway.files.max": "files"}


@dataclass(frozen=True)
class Block:
    """Amounts by name: seconds, sessions, messages, bytes, cpu_s (of the gateway), rss, files, speed (of the machine).

    `unfit` says why it cannot be compared with another: the harness was too slow, or the machine was.
    """

    amounts: Mapping[str, float]
    latency: Mapping[str, Histogram] = field(default_factory=dict)
    unfit: str = ""

    def figure(self, metric: str) -> float | None:
        """What a threshold calls by this name, in this block alone; None where it was not measured, or is no number."""
        if metric in PEAKS:
            return self.amounts.get(PEAKS[metric])
        if metric in RATIOS:
            over, under = (self.amounts.get(name) for name in RATIOS[metric])
            return over / under if over is not None and under else None
        return None


def block_of(seen: Measured, taken: Mapping[str, float], unfit: str = "") -> Block:
    """The block that a stretch of load and what the gateway took for it make."""
    amounts = {"seconds": seen.seconds, "sessions": seen.finished, "messages": seen.messages, "bytes": seen.bytes}
    latency = {phase: Histogram().record(samples) for phase, samples in seen.latency.items()}
    return Block(amounts | dict(taken), latency, unfit)
