"""step - what a client may do or wait for, one value each: the words of a script.

`Await`, `NeedsRecipient`, `WhenRefused`, `WhenOffered` and `Last` are what a well-behaved mail is made of; a chat has
the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.smtp.pattern import ReplyPattern


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes; `{{ name }}` of captured values is put in first."""

    data: bytes
    line: int = 0


@dataclass(frozen=True, slots=True)
class SendFile:
    """Write the content of a file, dot-stuffed unless `raw`."""

    name: str
    raw: bool
    line: int = 0


@dataclass(frozen=True, slots=True)
class Expect:
    """Read one reply that fits; `optional`: it need not come."""

    pattern: ReplyPattern | re.Pattern[str]
    optional: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Await:
    """Read one reply, whatever it says.

    `needs`: "yes" stops the mail unless it is positive; "any" remembers whether one of several was.
    """

    needs: str = ""


@dataclass(frozen=True, slots=True)
class NeedsRecipient:
    """Stops the mail when no recipient was accepted."""


@dataclass(frozen=True, slots=True)
class WhenRefused:
    """Steps to take if the last reply was not positive; after a 421 the mail stops."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class WhenOffered:
    """Steps to take if the server offered this extension in its last reply to EHLO, and those to take otherwise."""

    keyword: str
    steps: tuple[Step, ...]
    otherwise: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class GoOn:
    """Steps to take if the last reply was 354; nothing more at all after a goodbye (221, 421, 521)."""

    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing may come for so many seconds."""

    seconds: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Eof:
    """The server must hang up, and say nothing before it does."""

    line: int = 0


@dataclass(frozen=True, slots=True)
class Within:
    """The next reply must come within so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Sleep:
    """Do nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset:
    """End the connection with a RST."""


@dataclass(frozen=True, slots=True)
class HalfClose:
    """Say that nothing more will be sent."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Keep the first group of a regex over the last reply under a name."""

    name: str
    regex: re.Pattern[str]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Let the connection go, if it is still there, and make another one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How bytes go and come from now on: at most `segment` in one write, a gap (from, to, in s) between two writes.

    `slow`: what comes is read in small portions, with the same gap between two of them.
    """

    segment: int | None = None
    gap: tuple[float, float] = (0.0, 0.0)
    slow: bool = False


AS_USUAL = Pace()


@dataclass(frozen=True, slots=True)
class DnsFault:
    """A fault of the DNS begins or ends."""

    name: str
    on: bool
    line: int = 0


@dataclass(frozen=True, slots=True)
class Last:
    """Where a mail that was stopped goes on: QUIT."""


Step = (
    Send
    | SendFile
    | Expect
    | Await
    | NeedsRecipient
    | WhenRefused
    | WhenOffered
    | GoOn
    | Silence
    | Eof
    | Within
    | Sleep
    | Reset
    | HalfClose
    | Capture
    | Reconnect
    | Pace
    | DnsFault
    | Last
)
