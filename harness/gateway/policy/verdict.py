"""verdict - what a restriction may say: frozen values, and nothing else.

What Postfix spreads over flags and long jumps (warn_if_reject, defer_if_permit, delayed rejection, DISCARD)
lives in decide.py alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.gateway.rule import Rule
from harness.gateway.session import Wish


@dataclass(frozen=True, slots=True)
class Permit:
    """OK: this list ends, later lists still run."""


@dataclass(frozen=True, slots=True)
class Dunno:
    """No opinion: the next element is asked."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse with this reply.  `status` is written without its class digit ("7.1"): it follows from the code."""

    code: int
    status: str
    text: str
    config_error: bool = False  # 451 Server configuration error: warn_if_reject does not soften it
    lasting: bool = False  # it says the same in every session about the same subject (Restriction.by)


@dataclass(frozen=True, slots=True)
class DeferIfPermit:
    """Refuse with this 4xx reply, but only if the mail would be permitted in the end."""

    code: int
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class DeferIfReject:
    """Soften a later 5xx of the same phase into this 4xx reply; with `permit`, this list ends with OK besides."""

    code: int
    status: str
    text: str
    permit: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """DUNNO (or OK, for DISCARD) that also wishes something for the message: HOLD, FILTER, PREPEND ..."""

    wish: Wish
    permit: bool = False
    text: str = ""  # what the log says of it; "" leaves no line (PREPEND)


@dataclass(frozen=True, slots=True)
class Note:
    """DUNNO that leaves a line in the log: WARN and INFO of access(5)."""

    verb: str  # warn, info
    text: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Drop the connection without a word (HANGUP of access(5))."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask these elements in my place: a restriction class, or a restriction list found in a table."""

    elements: Sequence[Any]  # restriction.Element
    name: str  # what the trace calls it


PlainVerdict = Permit | Dunno | Reject | DeferIfPermit | DeferIfReject | Act | Note | HangUp | Ask


@dataclass(frozen=True, slots=True)
class FromTable:
    """What one line of a table (or a policy server) said, and about whom.

    `on_permit`: an OK stands, becomes DUNNO (source-routed recipients), or is a mistake (names that the client chose).
    """

    table: str
    key: str
    rule: Rule
    verdict: PlainVerdict
    reply_name: str
    reply_class: str
    word: str  # first word of the value
    on_permit: Literal["permit", "dunno", "forbid"] = "permit"
    subject: str = ""  # who was permitted, for the warning that it is forbidden
    stand_in: bool = False  # not the table's word, but what stands in for a policy server that is silent


PERMIT, DUNNO = Permit(), Dunno()

Verdict = PlainVerdict | FromTable
