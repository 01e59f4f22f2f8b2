"""masquerade - masquerade_domains: hosts below a domain are not told to anybody (cleanup_masquerade.c)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gateway.matchlist import MatchList


class Masquerade:
    """The domains, in their order; one behind `!` is left as it is, with all that lies below it."""

    def __init__(self, domains: Sequence[str], exceptions: MatchList) -> None:
        names = [(written.lstrip("!"), written) for written in domains]
        self._domains = [(name, (len(written) - len(name)) % 2 == 0) for name, written in names if name]
        self._exceptions = exceptions

    def apply(self, address: str) -> str:
        """The address, its domain cut down to the first of the domains that it lies below.  Raises TableError."""
        local, at, domain = address.rpartition("@")
        if not at or self._exceptions.matches(local):
            return address
        domain = domain.lower()
        for name, hides in self._domains:
            if domain == name.lower():
                break
            if domain.endswith(f".{name.lower()}"):
                return f"{local}@{name.lower()}" if hides else address
        return address
