"""observation - what was seen while a scenario ran; frozen values, no opinions.

`run` makes it, expectations judge it, reports print it.  Whatever a target cannot show is None, never empty:
None means "not looked at", () means "looked, and there was nothing".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from harness.gateway.rule import Rule
from harness.smtp.reply import Reply

Phase = Literal["connect", "helo", "mail", "rcpt", "data", "end_of_data", "quit", "other"]

Verdict = Literal[
    "accept", "reject", "defer", "discard", "quarantine", "hold", "redirect", "disconnect", "bounce", "none"
]
"""What became of a session's mail.  `none`: the session asked for nothing (no RCPT was ever judged)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing the client sent and the reply it got (None: none came).  The greeting has sent = b""."""

    phase: Phase
    sent: bytes
    reply: Reply | None
    at_ms: float = 0.0  # when the reply was complete, from the start of the session


@dataclass(frozen=True, slots=True)
class Delivery:
    """One transaction that arrived at the next hop."""

    queue_id: str  # the gateway's, read from its Received header
    sender: str
    recipients: tuple[str, ...]
    data: bytes  # CRLF line ends, dot-unstuffed
    client: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """A message the gateway itself wrote: a bounce, or a warning to sender, recipient or administrator."""

    kind: str  # "bounce", or the event of the template: infected, suspicious, filtered, ...
    about: str  # queue id of the mail it speaks of
    sender: str
    to: str
    subject: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An object set aside: its name in quarantine, where it was found in the mail, why, and what it holds."""

    name: str
    about: str  # queue id
    path: str  # part0001:invoice.pdf.exe
    reason: str  # the virus or rule name
    data: bytes


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the gateway's log, in Postfix's shape."""

    program: str  # smtpd, cleanup, smtp, qmgr, bounce, ravmd
    text: str  # what follows "postfix/smtpd[123]: "
    queue_id: str = ""


@dataclass(frozen=True, slots=True)
class DnsQuery:
    """A question the target asked, and how it was answered (NOERROR, NXDOMAIN, SERVFAIL, silence, ...)."""

    name: str
    type: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class AskedRule:
    """A line of the target's own trace: which rule was asked, what it said, whether that decided."""

    phase: str
    place: str
    element: str
    rule: Rule
    said: str
    decided: bool = False


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """Everything that was seen of one session."""

    id: str
    exchanges: tuple[Exchange, ...] = ()
    received: bytes = b""  # every byte the target sent
    closed: bool = False  # the target closed the connection before we did
    verdict: Verdict = "none"
    rule: AskedRule | None = None  # the one that decided
    trace: tuple[AskedRule, ...] | None = None
    queue_ids: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] | None = ()
    notifications: tuple[Notification, ...] | None = None
    quarantine: tuple[Quarantined, ...] | None = None
    log: tuple[LogLine, ...] | None = None
    dns_queries: tuple[DnsQuery, ...] | None = None
    accounts: tuple[tuple[str, str], ...] | None = None
    """(queue id, what became of it: delivered, quarantined, bounced, queued, discarded, held) for conservation."""
    duration_ms: float = 0.0
    failure: str = ""  # the chat went wrong ("expected 250, got 554 ..."), or the target could not be reached
    step_failures: tuple[str, ...] = ()
    unplayed: str = ""  # why it was not replayed: the target cannot be told who the client is


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that was seen of one scenario in one matrix cell."""

    scenario: str
    cell: tuple[tuple[str, str], ...]
    target: str
    sessions: tuple[SessionSeen, ...]
    deliveries: tuple[Delivery, ...] | None = ()  # all of them, in order of arrival
    notifications: tuple[Notification, ...] | None = None
    quarantine: tuple[Quarantined, ...] | None = None
    log: tuple[LogLine, ...] | None = None
    dns_queries: tuple[DnsQuery, ...] | None = ()
    undeclared_queries: tuple[DnsQuery, ...] | None = ()  # outside the declared world: an error in strict mode
    warnings: tuple[str, ...] = ()  # what the target said at start
    duration_ms: float = 0.0
    extra: dict[str, str] = field(default_factory=dict)
    first_at: float | None = None  # when the first session was over, in s since the epoch
    ended: str = ""  # why the target did not live to the end, or did not end in peace
    refused: str | None = None  # why it did not start at all; only of a scenario that expects this

    def session(self, session_id: str) -> SessionSeen:
        """The session of this id.  Raises KeyError."""
        for seen in self.sessions:
            if seen.id == session_id:
                return seen
        raise KeyError(session_id)
