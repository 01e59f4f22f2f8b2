"""table - what a load run saw, as text for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.bench.measured import Measured, tells
from harness.threshold import Threshold, shown

if TYPE_CHECKING:
    from harness.bench.outcome import Outcome
    from harness.bench.saturate import Probe, Saturation

PHASES = ("connect", "ehlo", "mail", "rcpt", "data", "eom", "session")
QUANTILES: Mapping[str, str] = {"p50": "p50", "p90": "p90", "p99": "p99", "p999": "p99.9", "max": "max"}
_MOST = 5  # kinds of mismatch that are shown
_ROWS: Mapping[str, tuple[str, ...]] = {
    "sessions": (
        "sessions.total",
        "sessions.rate",
        "messages.rate",
        "bytes.rate",
        "arrivals.rate",
        "arrivals.late.max",
    ),
    "baseline": ("baseline.sessions.rate", "baseline.messages.rate"),
    "verdicts": tuple(f"verdict.{word}" for word in ("accept", "reject", "defer", "none", "mismatch")),
    "gateway": ("gateway.cpu", "gateway.cpu.session", "gateway.rss.max", "gateway.files.max"),
    "around": ("dns.queries.rate", "next_hop.messages", "world.cpu", "world.lag.p99"),
    "harness": ("harness.cpu", "harness.lag.p99", "harness.loop.p99", "harness.backlog.max"),
}


def outcome_text(outcome: Outcome) -> str:
    """The figures, the latencies, what went wrong, and each threshold with what was measured."""
    head = f"{outcome.scenario} on {outcome.target}"
    return "\n".join([head, *measured_lines(outcome.figures, outcome.measured), *conclusions(outcome, whole=False)])


def conclusions(outcome: Outcome, *, whole: bool = True) -> list[str]:
    """Each threshold with what was measured, and why the run says too little; `whole`: what went wrong, too."""
    lines = trouble(outcome.measured) if whole else []
    for threshold, met in outcome.thresholds:
        lines.append(f"  {'ok' if met else 'BREACHED':<10} {threshold.text} ({_had(outcome.figures, threshold)})")
    if outcome.ended:
        lines.append(f"  {outcome.ended}")
    if outcome.overloaded:
        lines.append(f"  INCONCLUSIVE: {outcome.overloaded}")
    return lines


def measured_lines(figures: Mapping[str, float], measured: Measured) -> list[str]:
    """One line a subject, then a table of latencies: phases down, quantiles across."""
    lines = []
    for row, names in _ROWS.items():
        have = [
            f"{name.partition('.')[2] if row != 'sessions' else name} {shown(name, figures[name])}"
            for name in names
            if name in figures and (name != "arrivals.late.max" or "arrivals.rate" in figures)
        ]
        if have:
            lines.append(f"  {row:<10} {'  '.join(have)}")
    lines.append(f"  {'latency':<10} " + "".join(f"{word:>12}" for word in QUANTILES.values()))
    for phase in PHASES:
        if f"latency.{phase}.p50" in figures:
            values = quantile_cells(phase, figures, measured)
            lines.append(f"  {phase:<10} " + "".join(f"{value:>12}" for value in values))
    return lines + trouble(measured)


def quantile_cells(phase: str, figures: Mapping[str, float], measured: Measured) -> list[str]:
    """The quantiles of a phase; `-` for one that would only be the greatest value once more."""
    many = len(measured.latency.get(phase, ()))
    return [shown("latency.", figures[f"latency.{phase}.{word}"]) if tells(word, many) else "-" for word in QUANTILES]


STEPS = f"  {'asked':>9}  {'got':>9}  {'eom p99':>11}  {'session p99':>11}  {'gateway':>8}"


def step_line(probe: Probe) -> str:
    """One rate that was tried, what came of it, and why it does not hold."""
    figures = probe.figures or {}
    cells = [
        f"{shown(name, figures[name]) if name in figures else '-':>{width}}"
        for name, width in (
            ("sessions.rate", 9),
            ("latency.eom.p99", 11),
            ("latency.session.p99", 11),
            ("gateway.cpu", 8),
        )
    ]
    said = "holds" if probe.holds else f"INCONCLUSIVE: {probe.why}" if probe.limited else f"does not: {probe.why}"
    return f"  {probe.rate:>7.0f}/s  {'  '.join(cells)}  {'checked: ' * probe.check}{said}"


def saturation_text(found: Saturation) -> str:
    """The result, in a sentence."""
    if found.ended:
        return f"  {found.ended}"
    above = [probe.rate for probe in found.probes if not probe.holds and probe.rate > found.rate]
    if found.limited:
        least = f"at least {found.rate:.0f}/s" if found.rate else "nothing"
        return f"  INCONCLUSIVE: {least}; the harness could bring no more to tell how much more the target can take"
    if not found.rate:
        return "  BREACHED: no rate met the thresholds twice"
    text = f"  {found.rate:.0f}/s is the highest rate that met the thresholds"
    text += f"; {min(above):.0f}/s did not" if above else ""
    return text + (f"\n  BREACHED: {found.least:.0f}/s are asked for" if found.rate < found.least else "")


def trouble(measured: Measured) -> list[str]:
    """Errors by kind, sessions that got other codes than they get when all is quiet, and why it ended early."""
    lines = []
    if measured.errors:
        lines.append("  errors     " + "  ".join(f"{kind} {times}" for kind, times in measured.errors.most_common()))
    for what, times in measured.mismatches.most_common(_MOST):
        lines.append(f"  MISMATCH   {times} x {what}")
    if measured.hopeless:
        lines.append(f"  given up: {measured.hopeless}")
    return lines


def _had(figures: Mapping[str, float], threshold: Threshold) -> str:
    """What was measured, and the limit where it is taken from another figure."""
    if threshold.metric not in figures:
        return "not measured"
    had, limit = shown(threshold.metric, figures[threshold.metric]), threshold.limit(figures)
    if not threshold.other:
        return had
    return f"{had}, limit {'not measured' if limit is None else shown(threshold.metric, limit)}"
