"""threshold - a limit for a figure of load: `latency.eom.p99 < 250ms`, `messages.rate >= 100/s`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.errors import did_you_mean

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_UNITS: Mapping[str, float] = {
    "": 1, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "/s": 1, "/min": 1 / 60, "%": 0.01, "B": 1, "kB": 1e3, "MB": 1e6,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "KiB/s": 2**10, "MiB/s": 2**20,
}  # fmt: skip
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_NAME = r"[a-z][a-z0-9_.]*"
_LINE = re.compile(
    rf"(?P<metric>{_NAME})\s*(?P<sign><=|>=|==|!=|<|>)\s*(?:(?P<factor>{_NUMBER})\s*\*\s*(?P<other>{_NAME})|"
    rf"(?P<same>{_NAME})|(?P<number>{_NUMBER})\s*(?P<unit>[A-Za-z%/]*))"
)

METRICS = (
    "sessions.total", "sessions.rate", "messages.total", "messages.rate", "bytes.rate", "verdict.mismatch",
    "verdict.accept", "verdict.reject", "verdict.defer", "verdict.none", "errors.total", "harness.cpu",
    "gateway.cpu", "gateway.cpu.session", "gateway.rss.max", "gateway.files.max", "dns.queries.rate",
    "next_hop.messages", "harness.backlog.max", "arrivals.late.max", "arrivals.rate", "world.cpu",
)  # fmt: skip
PHASES = ("connect", "introduce", "ehlo", "mail", "rcpt", "data", "eom", "quit", "session")
QUANTILE_WORDS = ("p50", "p90", "p95", "p99", "p999", "max", "mean")
_KNOWN = frozenset(METRICS).union(
    (f"latency.{phase}.{word}" for phase in PHASES for word in QUANTILE_WORDS),
    (f"{whose}.lag.{word}" for whose in ("harness", "world") for word in QUANTILE_WORDS),
    (f"harness.loop.{word}" for word in QUANTILE_WORDS),
    (f"errors.{kind}" for kind in ("refused", "reset", "timeout", "hung_up", "files")),
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure, how it must compare, and with what: a number, or `factor` times another figure."""

    text: str
    metric: str
    sign: str
    number: float
    other: str = ""

    def limit(self, figures: Mapping[str, float]) -> float | None:
        """The number on the right; None where the figure it is taken from was not measured."""
        if not self.other:
            return self.number
        return None if self.other not in figures else self.number * figures[self.other]

    def met(self, figures: Mapping[str, float]) -> bool | None:
        """Does it hold?  None where a figure it names was not measured: that is not a pass."""
        limit = self.limit(figures)
        if limit is None or self.metric not in figures:
            return None
        return _COMPARE[self.sign](figures[self.metric], limit)


def parse_threshold(text: str) -> Threshold:
    """Raises ValueError, saying what is wrong and the nearest right name."""
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"expects FIGURE < NUMBER (as `latency.eom.p99 < 250ms`) or FIGURE >= N * FIGURE, got {text!r}"
        )
    _check_name(found["metric"])
    if other := found["other"] or found["same"]:
        _check_name(other)
        return Threshold(text.strip(), found["metric"], found["sign"], float(found["factor"] or 1), other)
    unit = found["unit"]
    if unit not in _UNITS:
        raise ValueError(f"no unit {unit!r}{did_you_mean(unit, _UNITS)}")
    return Threshold(text.strip(), found["metric"], found["sign"], float(found["number"]) * _UNITS[unit])


def _check_name(name: str) -> None:
    bare = name.removeprefix("baseline.")
    if bare not in _KNOWN:
        raise ValueError(f"no figure {name!r}{did_you_mean(bare, _KNOWN)}")


def shown(name: str, value: float) -> str:
    """A figure as people read it, by what its name says it is."""
    base = name.removeprefix("baseline.")
    if base == "gateway.cpu.session":
        return f"{value * 1e6:.0f} us"
    if base.startswith(("latency.", "harness.lag", "harness.loop", "world.lag", "arrivals.late")):
        return f"{value * 1000:.2f} ms" if value < 10 else f"{value:.1f} s"
    if "rss" in base or base.startswith(("bytes.", "harness.backlog")):
        size = f"{value / 2**20:.1f} MiB" if value >= 2**20 else f"{value / 2**10:.0f} KiB"
        return size + ("/s" if base.endswith("rate") else "")
    if base.endswith(".cpu"):
        return f"{value:.0%}"
    return f"{value:.0f}/s" if base.endswith("rate") else f"{value:.0f}"
