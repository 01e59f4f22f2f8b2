"""hdr_log - histograms as an HdrHistogram log (format 1.3), for hdr-plot, HistogramLogAnalyzer and others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.bench.histogram import Histogram, decode

_LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'


@dataclass(frozen=True)
class Interval:
    """One line: what it is of, when it began (s after the log), how long it lasted, and its latencies."""

    tag: str
    at_s: float
    seconds: float
    histogram: Histogram


def hdr_log(began_at: float, intervals: Iterable[Interval]) -> str:
    """The text of a log that began at this time (s since the epoch).  A tag is a word without commas and blanks."""
    when = datetime.fromtimestamp(began_at, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    lines = [
        "#[Logged by gauntlet bench; latencies in ns, Interval_Max in ms]",
        "#[Histogram log format version 1.3]",
        f"#[StartTime: {began_at:.3f} (seconds since epoch), {when}]",
        _LEGEND,
    ]
    for one in intervals:
        top = one.histogram.quantile(1.0) * 1000
        lines.append(f"Tag={one.tag},{one.at_s:.3f},{one.seconds:.3f},{top:.3f},{one.histogram.encode()}")
    return "\n".join(lines) + "\n"


def read_hdr_log(text: str) -> Iterator[Interval]:
    """The intervals of a log.  Raises ValueError for what is none, with the number of its line."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("#", '"')) or not line:
            continue
        words = line.split(",")
        tag = words.pop(0).removeprefix("Tag=") if line.startswith("Tag=") else ""
        try:
            at, seconds, _, coded = words
            yield Interval(tag, float(at), float(seconds), decode(coded))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
