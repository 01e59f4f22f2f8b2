"""world - the DNS in which the sessions of a corpus live: one zone, its faults, and what is outside of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import fakedns
from harness.errors import ScenarioError
from harness.gateway.client_name import identify
from harness.gateway.direct import now
from harness.gateway.resolver import ZoneResolver
from harness.gateway.session import Client

PATIENCE_S = 0.5  # a DNS answer that takes longer is none


@dataclass(frozen=True)
class World:
    """`strict`: a question outside the declared zones fails; otherwise there is no such name."""

    zone: fakedns.Zone = field(default_factory=fakedns.Zone)
    faults: tuple[fakedns.Fault, ...] = ()
    strict: bool = False
    clock_at: float = 1060506000.0  # s since the epoch: 2003-08-10T09:00:00Z, the clock of the scenarios

    def resolver(self, session: str | None = None) -> ZoneResolver:
        """The world as one session sees it: the faults that are for it, or for everybody."""
        faults = [replace(fault, session=None) for fault in self.faults if fault.session in (None, session)]
        return ZoneResolver(self.zone, faults, strict=self.strict, timeout_s=PATIENCE_S)

    def identify(self, address: str) -> Client:
        """The client at this address, as smtpd would find it in this world."""
        return now(identify(address, "unknown", self.resolver(), lambda warning: None))

    def faults_of(self, session: str) -> bool:
        """Is any fault meant for this session alone?"""
        return any(fault.session == session for fault in self.faults)


def read_world(files: Iterable[Path]) -> World:
    """The world of these zone files together.  Raises ScenarioError with file:line."""
    zone = fakedns.Zone()
    for file in files:
        try:
            zone.merge(fakedns.parse_zone(file.read_text("utf-8"), file=str(file)))
        except fakedns.ZoneError as error:
            raise ScenarioError(error.what, file=error.file, line=error.line) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ScenarioError(f"no zone can be read: {error}", file=str(file)) from None
    return World(zone)
