"""client_list - the white and the black list (wbl_accept, wbl_reject), and which of two that match is closer.

The paper: "a list of IP addresses and E-mail addresses".  An entry is an address, a network, a host or domain, or a
mail address; a domain speaks of the client's verified name and of the sender's domain, as the paper's own example does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from harness.gateway.rule import Rule
from harness.smtp.hostname import valid_hostname

Closeness = tuple[int, int]
"""The greater the closer: what kind of entry it is, then how narrow; (0, 0) is no match."""

_NOT: Closeness = (0, 0)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of either list, and the line it stands on."""

    text: str
    rule: Rule
    network: IPv4Network | IPv6Network | None = None

    def closeness(self, address: str, name: str, sender: str) -> Closeness:
        """How closely it means a client (address, verified name) and a sender.

        A mail address or one client (3) is closer than a network (2, by its bits), that than a domain (1, by labels).
        """
        if self.network is not None:
            try:
                client = ip_address(address)
            except ValueError:  # a client behind a local socket
                return _NOT
            if client not in self.network:
                return _NOT
            return (3, 0) if self.network.prefixlen == client.max_prefixlen else (2, self.network.prefixlen)
        wanted, sender = self.text.lower(), sender.lower()
        domain = sender.rpartition("@")[2]
        if wanted.startswith("@"):
            return (1, _labels(wanted)) if sender and domain == wanted[1:] else _NOT
        if "@" in wanted:
            return (3, 0) if sender == wanted else _NOT
        bare = wanted.removeprefix(".")
        names = [name.lower().rstrip("."), domain]
        met = any(own == bare or own.endswith(f".{bare}") for own in names if own)
        return (1, _labels(bare)) if met else _NOT


def list_entry(text: str, rule: Rule) -> ListEntry:
    """The entry a list item stands for.  Host bits of a network may be set: 192.0.2.1/24 means 192.0.2.0/24.

    Raises ValueError for what could never mean anybody.
    """
    try:
        return ListEntry(text, rule, ip_network(text.strip("[]"), strict=False))
    except ValueError:
        domain = text.rpartition("@")[2].removeprefix(".")
        if not valid_hostname(domain):
            raise ValueError(f"{text!r} is no address, network, domain or mail address") from None
        return ListEntry(text, rule)


def closest(entries: Iterable[ListEntry], address: str, name: str, sender: str) -> tuple[Closeness, ListEntry | None]:
    """(closeness, entry) of the closest match, the first of equals; (0, 0) and None without one."""
    best: tuple[Closeness, ListEntry | None] = (_NOT, None)
    for entry in entries:
        close = entry.closeness(address, name, sender)
        if close > best[0]:
            best = (close, entry)
    return best


def _labels(domain: str) -> int:
    return domain.count(".") + 1
