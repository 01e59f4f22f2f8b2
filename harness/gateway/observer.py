"""observer - contract: whoever wants to know what became of sessions and mails; auditors, dashboards, tests."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gateway.session import Asked, Session


@dataclass(frozen=True, slots=True)
class Notified:
    """A mail that the gateway wrote itself: a bounce, or a warning of the content engine."""

    kind: str
    about: str  # queue id of the mail it speaks of
    recipient: str
    data: bytes  # LF line ends


@dataclass(frozen=True, slots=True)
class Kept:
    """An object in quarantine."""

    name: str
    about: str
    path: str
    reason: str
    data: bytes


class Observer:
    """Does nothing; override what you want to hear of."""

    def session_began(self, session: Session, peer: tuple[str, int]) -> None:
        """A client connected from this address and port."""

    def queued(self, session: Session, queue_id: str) -> None:
        """A mail was accepted from this session under this queue id."""

    def settled(self, queue_id: str, fate: str) -> None:
        """An end of a mail: delivered, bounced, discarded, held, quarantined, redirected, or queued for a retry."""

    def asked(self, queue_id: str, lines: tuple[Asked, ...]) -> None:
        """Rules that were asked about a mail after its session had its answer."""

    def notified(self, notice: Notified) -> None:
        """The gateway wrote to somebody."""

    def kept(self, kept: Kept) -> None:
        """Something was put into quarantine."""
