"""envelope - who a mail is from and for, as cleanup(8) queues it, and what it has to ask to find that out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from harness.gateway.dsn import Wanted
from harness.gateway.lookup import Key
from harness.gateway.matchlist import MatchList
from harness.gateway.session import Asked
from harness.gateway.table import Table

_NOTHING: Mapping[str, Any] = {}

Once = tuple[Wanted | None, str, str]
"""What was said of a recipient (None: cleanup's own copy), its address as received and as rewritten: queued once."""


class EnvelopeError(Exception):
    """An address could not be mapped: the message is not accepted.  `unusable`: a table failed."""

    def __init__(self, what: str, unusable: bool) -> None:
        super().__init__(what)
        self.what, self.unusable = what, unusable


class Addresses(Protocol):
    """What is asked of trivial-rewrite(8)."""

    def rewrite(self, address: str) -> str:
        """The address in standard form."""
        ...

    def map_keys(self, address: str) -> Iterable[Key]:
        """The keys of an address in maps.  Raises TableError."""
        ...


class Settings(Protocol):
    """What is asked of main.cf."""

    def text(self, name: str) -> str: ...
    def number(self, name: str) -> int: ...
    def flag(self, name: str) -> bool: ...
    def string_list(self, name: str) -> MatchList: ...
    def tables(self, name: str) -> tuple[Table, ...]: ...


class Envelope(NamedTuple):
    """Sender and recipients as they are queued.  `last`: the last recipient before aliases, for the log.

    A recipient stands there twice if different things were said of it at RCPT (RFC 3461 NOTIFY, ORCPT).
    """

    sender: str
    recipients: tuple[str, ...]
    last: str
    trace: tuple[Asked, ...] = ()
    seen: frozenset[Once] = frozenset()
    originals: Mapping[str, tuple[str, ...]] = _NOTHING  # recipient -> what it was called, each time it stands there
    wanted: Mapping[str, Sequence[Wanted]] = _NOTHING  # recipient -> what was said of it there, each time
    expanded: tuple[str, ...] = ()  # aliases of several whose sender wants to hear of success


NO_ENVELOPE = Envelope("", (), "")
