"""compare - two observations of the same sessions -> where they disagree: replies, deliveries, fates, reasons. Pure.

Only what both targets show is compared; what only one can show (the reference gateway's trace, for one) says nothing
about the other.  Queue ids, dates and ports differ from run to run and are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from harness.fate import TAKEN
from harness.observation import Observation, SessionSeen
from harness.smtp.reply import Reply
from harness.transcript import masked

# What smtpd(8) and cleanup(8) log about a mail or a client when a rule made them do something.
_REASON = re.compile(
    r"(?:NOQUEUE|[0-9A-Za-z]{6,20}): (?:reject|reject_warning|warn|warning|info|hold|discard|filter|redirect|bcc"
    r"|prepend|replace|ignore|strip|delay|hangup): "
)
_SHOWN = 8  # lines of a difference
_LOGGED_BY = ("smtpd", "cleanup")
_ID = re.compile(r"\b(?:[0-9A-F]{8,14}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{13,18})\b(?=[:@.>; \r\n]|$)")
_DATE = re.compile(r"\b\w{3}, {1,2}\d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}(?: \(\w+\))?")
_MADE_ID = re.compile(r"<\d{14}\.[0-9A-Za-z]+@")  # the Message-Id that cleanup adds


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that is one way on the first target and another way on the second."""

    session: str
    what: str  # "reply to RCPT TO:<...>", "deliveries", "log", ...
    first: str
    second: str


def compare(first: Observation, second: Observation) -> tuple[Disagreement, ...]:
    """Every disagreement, in the order of the sessions."""
    others = {session.id: session for session in second.sessions}
    found: list[Disagreement] = []
    for seen in first.sessions:
        other = others.get(seen.id)
        if other is None:
            found.append(Disagreement(seen.id, "session", "replayed", "never replayed"))
        else:
            found.extend(_session(seen, other))
    return tuple(found)


def _session(first: SessionSeen, second: SessionSeen) -> Iterator[Disagreement]:
    if first.unplayed or second.unplayed:
        return  # not checked
    if first.failure or second.failure:
        # A conversation that broke off for a reason of the network's is no evidence of anything.
        yield Disagreement(first.id, "conversation", first.failure or "took place", second.failure or "took place")
        return
    yield from _replies(first, second)
    for what, one, other in (
        ("end of the connection", _end(first), _end(second)),
        ("verdict", _verdict(first, second), _verdict(second, first)),
        ("fates", _fates(first), _fates(second)),
        ("notifications", _notices(first), _notices(second)),
        ("deliveries", _arrived(first), _arrived(second)),
        ("log", reasons(first), reasons(second)),
    ):
        if one is not None and other is not None and one != other:
            yield Disagreement(first.id, what, *_differing(one, other))


def _replies(first: SessionSeen, second: SessionSeen) -> Iterator[Disagreement]:
    for one, other in zip(first.exchanges, second.exchanges, strict=False):
        said, replied = _reply(one.reply), _reply(other.reply)
        if said != replied or one.phase != other.phase:
            sent = masked(one.sent[:80].decode("utf-8", "backslashreplace")).strip() or "the connection"
            yield Disagreement(first.id, f"reply to {sent}", *_differing(said, replied))
            return  # what follows, follows from it
    longer, shorter = len(first.exchanges), len(second.exchanges)
    if longer != shorter:
        yield Disagreement(first.id, "number of replies", str(longer), str(shorter))


def _reply(reply: Reply | None) -> str:
    return "(hung up)" if reply is None else mask("\n".join(reply.wire_lines()))


def _end(seen: SessionSeen) -> str:
    return "the server hung up first" if seen.closed else "the client hung up first"


def _fates(seen: SessionSeen) -> str | None:
    if seen.accounts is None:
        return None
    return ", ".join(sorted({fate for _, fate in seen.accounts})) or "none"


def _verdict(seen: SessionSeen, beside: SessionSeen) -> str:
    """Where one of the two does not tell what became of a mail that it took, it is only said to be taken."""
    untold = seen.accounts is None or beside.accounts is None
    return "taken" if untold and seen.verdict in TAKEN else seen.verdict


def _arrived(seen: SessionSeen) -> str | None:
    return None if seen.deliveries is None else deliveries(seen)


def _notices(seen: SessionSeen) -> str | None:
    if seen.notifications is None:
        return None
    return "; ".join(sorted(f"{notice.kind} to <{notice.to}>" for notice in seen.notifications)) or "none"


def deliveries(seen: SessionSeen) -> str:
    """Sender, recipients and content of what arrived, one after the other, in an order that does not depend on time."""
    shown = []
    for delivery in seen.deliveries or ():
        content = mask(delivery.data.decode("utf-8", "backslashreplace")).replace("\r\n", "\n")
        shown.append(f"from <{delivery.sender}> to {', '.join(sorted(delivery.recipients))}\n{content}")
    return "\n".join(sorted(shown)) or "none"


def reasons(seen: SessionSeen) -> str | None:
    """The lines in which smtpd and cleanup tell of a decision."""
    if seen.log is None:
        return None
    found = [line for line in seen.log if line.program in _LOGGED_BY and _REASON.match(line.text)]
    return "\n".join(sorted(f"{line.program}: {mask(line.text)}" for line in found)) or "none"


def mask(text: str) -> str:
    """The text without what differs from run to run."""
    text = _DATE.sub("<date>", masked(_MADE_ID.sub("<<made-id>@", text)))
    return _ID.sub("<queue-id>", text)


def _differing(one: str, other: str) -> tuple[str, str]:
    """Of two texts of many lines only the lines that are not the same in both."""
    mine, theirs = one.split("\n"), other.split("\n")
    if len(mine) == len(theirs) == 1:
        return one, other
    first: list[str] = []
    second: list[str] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if kind != "equal":
            first += mine[i1:i2]
            second += theirs[j1:j2]
    return _cut(first), _cut(second)


def _cut(lines: list[str]) -> str:
    more = [f"... and {len(lines) - _SHOWN} lines more"] if len(lines) > _SHOWN else []
    return "\n".join([*(line or "(an empty line)" for line in lines[:_SHOWN]), *more]) or "(nothing)"
