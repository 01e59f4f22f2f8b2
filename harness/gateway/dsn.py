"""dsn - what a sender wants to hear of a delivery (RFC 3461), and what there is to tell him of each recipient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

Noted = TypeVar("Noted")

_XTEXT = re.compile(r"(?:[^+]|\+[0-9A-Fa-f]{2})*", re.DOTALL)  # xtext_unquote is lenient about everything but its +
_HEXCHAR = re.compile(r"\+([0-9A-Fa-f]{2})")
_TO_QUOTE = re.compile(r"[^!-*,-<>-~]")

NOTIFY = frozenset({"NEVER", "SUCCESS", "FAILURE", "DELAY"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """NOTIFY and ORCPT of one recipient.  No NOTIFY means FAILURE and, where the gateway warns at all, DELAY."""

    notify: tuple[str, ...] = ()
    original: str = ""  # type;address, the address decoded

    def wants(self, event: str) -> bool:
        """Is this event (SUCCESS, FAILURE, DELAY) to be told?"""
        return event in self.notify if self.notify else event != "SUCCESS"


NOTHING_SAID = Wanted()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one try for one recipient."""

    recipient: str
    status: str  # 2.x.x done, 4.x.x later, 5.x.x never
    why: str  # in the words of the log
    remote: str = ""  # the name of the host that said so
    said: str = ""  # its reply: `550 5.1.1 gone`
    action: str = ""  # delivered or relayed, for 2.x.x; "" when somebody else has promised to report
    name: str = ""  # what the sender called the recipient, if that is another name
    wish: Wanted = NOTHING_SAID

    @property
    def done(self) -> bool:
        return self.status.startswith("2")

    @property
    def failed(self) -> bool:
        return self.status.startswith("5")


def parse_notify(value: str) -> tuple[str, ...] | None:
    """The events of a NOTIFY parameter, in upper case; None when it is none.  Source: dsn_notify_mask, RFC 3461 4.1."""
    events = tuple(word for word in re.split(r"[, \t\r\n]+", value.upper()) if word)
    if not events or not set(events) <= NOTIFY or ("NEVER" in events and set(events) != {"NEVER"}):
        return None
    return events


def parse_original(value: str) -> str | None:
    """`type;address` of an ORCPT parameter, the address decoded; None when it is none.  Source: RFC 3461 4.2."""
    kind, semicolon, address = value.partition(";")
    decoded = decode_xtext(address)
    if not (semicolon and kind) or decoded is None:
        return None
    return f"{kind};{decoded}"


def decode_xtext(text: str) -> str | None:
    """The text that an xtext stands for; None when it is no xtext.  Source: RFC 3461 4."""
    if not _XTEXT.fullmatch(text):
        return None
    return _HEXCHAR.sub(lambda found: chr(int(found[1], 16)), text)


def encode_xtext(text: str) -> str:
    """The text as xtext; characters beyond Latin-1 byte by byte, as UTF-8."""
    data = text.encode("latin-1", "replace") if text.isascii() else text.encode("utf-8", "surrogateescape")
    return _TO_QUOTE.sub(lambda found: f"+{ord(found[0]):02X}", data.decode("latin-1"))


def in_turn(noted: Mapping[str, Sequence[Noted]], recipients: Iterable[str]) -> list[Noted | None]:
    """What is noted of each of these, None where nothing is; of one that stands there twice the next note each time."""
    if not noted:
        return [None for _ in recipients]
    left = {recipient: list(notes) for recipient, notes in noted.items()}
    return [left[one].pop(0) if left.get(one) else None for one in recipients]


def noted(
    attempts: Sequence[Attempt], wanted: Mapping[str, Sequence[Wanted]], originals: Mapping[str, Sequence[str]]
) -> Sequence[Attempt]:
    """All attempts for a mail, each with what the sender called the recipient, and what he wants to hear of it."""
    if not wanted and not originals:
        return attempts
    recipients = [attempt.recipient for attempt in attempts]
    notes = zip(attempts, in_turn(originals, recipients), in_turn(wanted, recipients), strict=True)
    return [replace(one, name=name or "", wish=wish or NOTHING_SAID) for one, name, wish in notes]


def telling(attempts: Iterable[Attempt], event: str) -> list[Attempt]:
    """Those attempts whose sender wants to hear of this event."""
    return [attempt for attempt in attempts if attempt.wish.wants(event)]
