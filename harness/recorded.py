"""recorded - arrivals as they were: when clients connected, from a mail log or from JSON Lines. (IO)

`replay FILE` in a scenario's `load.arrivals`, or of `--rate`; `replay FILE x2` at twice the speed.
"""

from __future__ import annotations

import calendar
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from harness.arrivals import Arrivals, parse_arrivals

_FORM = re.compile(r"replay +(?P<file>.+?)(?: +x(?P<speed>\d+(?:\.\d+)?))?")
_CONNECT = re.compile(r"/(?:smtpd|postscreen)\[\d+\]: (?:connect from|CONNECT from) ", re.ASCII)
_SYSLOG = re.compile(r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}) (\d\d):(\d\d):(\d\d) ", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_MONTHS = list(calendar.month_abbr)
_KEYS = ("at", "time", "timestamp")
_LEAP_YEAR = 2000  # syslog knows no year; 29 February exists in this one


def arrivals_of(text: str, directory: Path) -> Arrivals:
    """What parse_arrivals gives, and recorded times for `replay FILE`, relative to the directory.

    Raises ValueError, saying what is wrong.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return parse_arrivals(text)
    speed, path = float(found["speed"] or 1), directory / found["file"]
    if not speed:
        raise ValueError(f"a speed must be more than 0, got {text!r}")
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    times = sorted(_spread(list(_times(lines, path))))
    if not times:
        raise ValueError(
            f"{path}: nobody connects in it (`connect from` of a mail log, or JSON Lines with {_KEYS[0]!r})"
        )
    return Arrivals("at", tuple(round((time - times[0]) / speed, 6) for time in times))


def _times(lines: list[str], path: Path) -> Iterator[float]:
    year, before = _LEAP_YEAR, 0
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            yield _of_row(line, path, number)
        elif _CONNECT.search(line):
            if found := _ISO.match(line):
                yield datetime.fromisoformat(found[0]).timestamp()
            elif (found := _SYSLOG.match(line)) and found["month"] in _MONTHS:
                month = _MONTHS.index(found["month"])
                year += month < before - 6  # December, then January
                before = month
                clock = [int(part) for part in found.groups()[2:]]
                yield float(calendar.timegm((year, month, int(found["day"]), *clock)))


def _of_row(line: str, path: Path, number: int) -> float:
    try:
        row = json.loads(line)
        value = next((row[key] for key in _KEYS if key in row), None)
        if isinstance(value, str):
            return datetime.fromisoformat(value).timestamp()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    except ValueError as error:
        raise ValueError(f"{path}:{number}: {error}") from None
    raise ValueError(f"{path}:{number}: expects a time as {_KEYS[0]!r}: seconds, or ISO 8601")


def _spread(times: list[float]) -> Iterator[float]:
    """Several connections of one whole second of a log are spread over it: they did not all come at its beginning."""
    counts = Counter(times)
    for time, many in counts.items():
        yield from (time + place / many if time.is_integer() else time for place in range(many))
