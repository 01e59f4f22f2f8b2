"""log_line - one line of a mail log taken apart: when, which program, about which mail, and what it says.

Both stamps of syslog are read, `Nov 24 15:20:48` and RFC 3339.  Text is kept as latin-1: one character a byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAMP = re.compile(
    r"(?:(?P<name>\w{3}) {1,2}(?P<day>\d{1,2}) (?P<hour>\d\d):\d\d:\d\d"
    r"|(?P<year>\d{4})-(?P<month>\d\d)-(?P<mday>\d\d)T(?P<hr>\d\d):\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z))"
    r" \S+ (?P<rest>.+)",
    re.ASCII,
)
_SOLARIS = re.compile(r": \[ID \d+ [^\]]+\] ", re.ASCII)
_POSTFIX = re.compile(r"postfix(?:/(?:smtps|submission))?/(?P<program>[^\[:]*).*?: (?P<about>[^:\s]+)")
_SCRIPT = re.compile(r"(?P<program>postfix(?:-script)?)(?:\[\d+\])?: (?P<about>[^:\s]+)", re.ASCII)
_RAVMD = re.compile(r"(?P<program>ravmd)(?:\[\d+\])?: (?P<about>[^:\s]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class LogLine:
    """`whole` is everything behind the host name; `about` the word behind the program: a queue id, `warning`, ..."""

    month: int  # from 0
    day: int
    hour: int
    program: str  # smtpd, cleanup, ravmd, ...
    about: str
    whole: str

    @property
    def text(self) -> str:
        """What the program says."""
        return self.whole.partition(": ")[2]


def read_lines(lines: Iterable[str]) -> Iterator[LogLine]:
    """The lines of Postfix and of the content engine, in order; whatever else is in a log is passed over."""
    for line in lines:
        stamp = _STAMP.fullmatch(_SOLARIS.sub(": ", line.rstrip("\n"), count=1))
        if stamp is None or (stamp["name"] is not None and stamp["name"] not in MONTHS):
            continue
        rest = stamp["rest"]
        found = _POSTFIX.match(rest) or _SCRIPT.match(rest) or _RAVMD.match(rest)
        if found is None:
            continue
        if stamp["name"] is not None:
            month, day, hour = MONTHS.index(stamp["name"]), int(stamp["day"]), int(stamp["hour"])
        else:
            month, day, hour = int(stamp["month"]) - 1, int(stamp["mday"]), int(stamp["hr"])
        yield LogLine(month, day, hour, found["program"], found["about"], rest)
