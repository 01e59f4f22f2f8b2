"""outcome - what the engine is given, and everything it gives back: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.gateway.content.finding import Finding
from harness.gateway.session import Asked


@dataclass(frozen=True, slots=True)
class Mail:
    """One accepted mail.  `data` has LF line ends, as everywhere inside the gateway."""

    queue_id: str
    sender: str  # "" is the null sender
    recipients: tuple[str, ...]
    client_address: str
    client_name: str  # "unknown" when it has none
    data: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail the engine wrote: kind is the template's event (infected, filtered, ...), or `forward`."""

    kind: str
    sender: str  # always "": nobody answers a notice
    to: str
    data: bytes
    party: str = ""  # sender, receiver, administrator


@dataclass(frozen=True, slots=True)
class Quarantine:
    """An object that was stored: its name there, its path in the mail, the finding's name, its bytes."""

    name: str
    path: str
    reason: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the mail.  Every recipient is in exactly one of deliveries, refused, discarded."""

    deliveries: tuple[tuple[tuple[str, ...], bytes], ...] = ()
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # recipient -> (enhanced status, text)
    discarded: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    quarantined: tuple[Quarantine, ...] = ()
    findings: tuple[Finding, ...] = ()
    trace: tuple[Asked, ...] = ()
    log: tuple[str, ...] = ()  # what follows "ravmd[pid]: "
