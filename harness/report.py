"""report - contract: the results of a run -> text.  Members live in reports/."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from harness.registry import Registry

Row = Mapping[str, Any]
"""One session of one cell, as `reports.json_lines.row` makes it: plain values only, so that it can cross processes."""

WHOLE = "(after)"
"""Stands in a row for the session where the run of a cell as a whole is meant."""

Report = Callable[[Sequence[Row]], str]

reports: Registry[Report] = Registry("report", "harness.reports")

LogReport = Callable[[Iterable[str], date], str]
"""The lines of a mail log, and the day that the report is made -> text."""

log_reports: Registry[LogReport] = Registry("report of a mail log", "harness.reports")
