"""resolve - what an address means here: rewritten, its class, its transport and next hop (trivial-rewrite(8)).

foo -> foo@$myorigin        user%dom -> user@dom        site!user -> user@site        user@dom. -> user@dom
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from harness.gateway.broken_table import tables_of
from harness.gateway.lookup import Key, find_key, map_keys, parents, strip_extension
from harness.gateway.settings import Settings
from harness.gateway.table import TableError
from harness.smtp.address import quote_local
from harness.smtp.hostname import valid_hostaddr, valid_hostname, valid_literal

AddressClass = Literal["local", "alias", "virtual", "relay", "default"]

MOST_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Resolved:
    """One address, resolved.

    `recipient` is folded to lower case.  `routed`: its local part holds another address (`@ ! %`).  `bad`: its domain
    is no domain, or it begins with a dash (allow_min_user).  `failed`: a table could not say; nothing else counts then.
    """

    transport: str
    nexthop: str
    recipient: str
    address_class: AddressClass
    spelled: str = ""  # the recipient, not folded; "" where there is none to deliver to
    routed: bool = False
    bad: bool = False
    failed: bool = False

    @property
    def domain(self) -> str:
        return self.recipient.rpartition("@")[2]

    @property
    def final(self) -> bool:
        """This gateway is the last stop: local, virtual alias and virtual mailbox domains (RESOLVE_CLASS_FINAL)."""
        return self.address_class in ("local", "alias", "virtual")


def resolve(address: str, settings: Settings, sender: str = "") -> Resolved:
    """Rewrite an address in the local context and resolve it.  Never raises."""
    return routes(settings).resolve(address, sender)


@lru_cache(maxsize=16)
def routes(settings: Settings) -> Routes:
    """The compiled routes of one configuration; made once."""
    return Routes(settings)


class Routes:
    """The parameters that resolve addresses, read once.  Results are remembered, as smtpd remembers them."""

    def __init__(self, settings: Settings) -> None:
        text, flag = settings.text, settings.flag
        self._settings = settings
        self._origin, self._domain, self._hostname = text("myorigin"), text("mydomain"), text("myhostname")
        self._append_origin, self._append_domain = flag("append_at_myorigin"), flag("append_dot_mydomain")
        self._swap_bang, self._percent = flag("swap_bangpath"), flag("allow_percent_hack")
        self._null_domain = flag("resolve_null_domain")
        self._numeric = flag("resolve_numeric_domain")
        self._dequoted = flag("resolve_dequoted_address")
        self._dash = flag("allow_min_user")
        self._delimiter = text("recipient_delimiter")
        self._own = settings.string_list("mydestination")
        self._own_addresses = own_addresses(text("inet_interfaces"), text("proxy_interfaces"))
        self._alias, self._virtual = (
            settings.string_list("virtual_alias_domains"),
            settings.string_list("virtual_mailbox_domains"),
        )
        self._relay = settings.domain_list("relay_domains")
        self._transports = {name: text(f"{name}_transport") for name in ("local", "virtual", "relay", "default")}
        self._relayhost = text("relayhost")
        self._maps = tables_of(settings, "transport_maps")
        self._map_parents = "transport_maps" in text("parent_domain_matches_subdomains").replace(",", " ").split()
        self._by_sender_transport = tables_of(settings, "sender_dependent_default_transport_maps")
        self._by_sender_relay = tables_of(settings, "sender_dependent_relayhost_maps")
        self._unknown_alias = (
            "5.1.1 User unknown in virtual alias table"
            if flag("show_user_unknown_table_name")
            else "5.1.1 User unknown"
        )
        self.sender_counts = bool(self._by_sender_transport or self._by_sender_relay)
        self._empty_user = text("empty_address_recipient")
        self._resolved: dict[tuple[str, str], Resolved] = {}
        self._rewritten: dict[str, str] = {}

    def resolve(self, address: str, sender: str = "") -> Resolved:
        """The address resolved; remembered, for the same address comes back at every list."""
        key = (address, sender if self.sender_counts else "")
        resolved = self._resolved.get(key)
        if resolved is None:
            try:
                resolved = self._resolve(self.rewrite(address), key[1])
            except TableError:
                return Resolved("", "", address.lower(), "default", failed=True)
            if len(self._resolved) >= 4096:
                self._resolved.clear()
            self._resolved[key] = resolved
        return resolved

    def is_local(self, domain: str) -> bool:
        """Is this domain, or address literal, this machine (resolve_local)?  Raises TableError."""
        domain = domain[:-1] if domain.endswith(".") and not domain.endswith("..") else domain
        if self._own.matches(domain):
            return True
        if domain.startswith("[") and domain.endswith("]"):
            literal = domain[1:-1]
            literal = literal[5:] if literal.lower().startswith("ipv6:") else literal
            return literal.lower() in self._own_addresses
        return False

    def is_mine(self, address: str) -> bool:
        """Is this IP address one of $inet_interfaces or $proxy_interfaces?"""
        return address.lower() in self._own_addresses

    def map_keys(self, address: str) -> tuple[Key, ...]:
        """The keys of an address in canonical, alias and recipient maps.  Raises TableError."""
        local = lambda domain: domain == self._origin.lower() or self.is_local(domain)  # noqa: E731
        return tuple(map_keys(address, self._delimiter, local))

    def rewrite(self, address: str) -> str:
        """The address in standard form, in the local context; remembered."""
        clean = self._rewritten.get(address)
        if clean is None:
            if len(self._rewritten) >= 4096:
                self._rewritten.clear()
            clean = self._rewritten[address] = self._rewrite(address)
        return clean

    def _rewrite(self, address: str) -> str:
        """rewrite_tree()."""
        if not address:
            return address
        if address.startswith("@") and ":" in address:  # @relay,@relay:user@domain
            address = address[address.rindex(":") + 1 :] if "[" not in address else address.partition(":")[2]
        if "@" not in address:
            bang = address.find("!") if self._swap_bang else -1
            if bang >= 0:
                address = f"{address[bang + 1 :]}@{address[:bang]}"
            elif self._percent and "%" in address:
                user, _, domain = address.rpartition("%")
                address = f"{user}@{domain}"
            elif self._append_origin:
                address = f"{address}@{self._origin}"
        local, at, domain = address.rpartition("@")
        if at and domain and not domain.startswith("[") and "." not in domain and self._append_domain:
            address = f"{local}@{domain}.{self._domain}"
        if at and address.endswith(".") and not address.endswith(("..", "@.")):
            address = address[:-1]
        return address

    def _resolve(self, address: str, sender: str) -> Resolved:
        """Strip our own domains off the right until a foreign one, or none, is left; then find class and next hop."""
        own_domain: str | None = None
        foreign = False
        for _ in range(MOST_ROUNDS):
            if "@" in address and address.endswith(".") and not address.endswith(("..", "@.")):
                address = address[:-1]
            if self._null_domain and address.endswith("@"):
                address = address[:-1]
            local, at, domain = address.rpartition("@")
            if at:
                if domain and not self.is_local(domain):
                    foreign = True
                    break
                address, own_domain = local, domain
            plain = self._dequoted or quote_local(address) == address
            if plain and ("@" in address or (self._swap_bang and "!" in address) or (self._percent and "%" in address)):
                address = self.rewrite(address)
                continue
            if not address:
                address = self._empty_user
                continue
            if own_domain is None:  # an address of this machine, whose name need not be one of its domains
                own_domain = self._hostname
                foreign = not self.is_local(own_domain)
            address = f"{address}@{own_domain}"
            break
        else:
            return Resolved("", "", address.lower(), "default", failed=True)
        return self._route(address, foreign, sender)

    def _route(self, address: str, foreign: bool, sender: str) -> Resolved:
        local, _, domain = address.rpartition("@")
        if domain.startswith("["):
            bad = not valid_literal(domain)
        elif valid_hostname(domain):
            bad = False
        elif not domain.isascii():
            bad = not all(valid_hostname(label) for label in domain.split(".") if label.isascii())
        elif self._numeric and valid_hostaddr(domain):
            domain, bad = f"[{domain}]", False
            address, foreign = f"{local}@{domain}", not self.is_local(domain)
        else:
            bad = True
        if bad or (address.startswith("-") and not self._dash):  # it would be an option on a command line
            return Resolved("", "", address.lower(), "default", bad=True)
        routed = any(character in local for character in "@!%")
        address_class, transport, nexthop = self._class(domain, foreign, sender)
        channel, _, destination = transport.partition(":")
        nexthop = destination or nexthop
        if address_class == "alias":  # and transport_maps do not change that
            channel, nexthop = "error", self._unknown_alias
        else:
            channel, nexthop = self._override(address.lower(), domain, channel, nexthop)
        return Resolved(channel, nexthop, address.lower(), address_class, address, routed)

    def _class(self, domain: str, foreign: bool, sender: str) -> tuple[AddressClass, str, str]:
        """The class of the domain, with the transport (`name[:destination]`) and next hop that main.cf gives it."""
        if not foreign:
            return "local", self._transports["local"], domain
        if self._alias.matches(domain):
            return "alias", "error", domain
        if self._virtual.matches(domain):
            return "virtual", self._transports["virtual"], domain
        address_class: AddressClass = "relay" if self._relay.matches(domain) else "default"
        transport, nexthop = self._transports[address_class], self._relayhost or domain
        if address_class == "default":
            transport = self._for_sender(self._by_sender_transport, sender) or transport
        if self._by_sender_relay:
            found = self._find_sender(self._by_sender_relay, sender)
            if found is not None:
                nexthop = domain if found.upper() == "DUNNO" else found
        return address_class, transport, nexthop

    def _for_sender(self, tables: tuple[object, ...], sender: str) -> str:
        found = self._find_sender(self._by_sender_transport, sender) if tables else None
        return "" if found is None or found.upper() == "DUNNO" else found

    def _find_sender(self, tables: tuple[object, ...], sender: str) -> str | None:
        for key, full in self.map_keys(sender) if sender else (("<>", True),):
            hit = find_key(tables, key, full)  # type: ignore[arg-type]
            if hit is not None:
                return hit.value
        return None

    def _override(self, address: str, domain: str, channel: str, nexthop: str) -> tuple[str, str]:
        """transport(5): the whole address, without its extension, the domain, its parents, `*`."""
        if not self._maps:
            return channel, nexthop
        local = address.rpartition("@")[0]
        base = strip_extension(local, self._delimiter)
        keys: list[Key] = [(address, True)]
        if base is not None:
            keys.append((f"{base}@{domain}", False))
        keys.append((domain, False))
        keys.extend((parent, False) for parent in parents(domain, self._map_parents))
        keys.append(("*", True))
        for key, full in keys:
            hit = find_key(self._maps, key, full)
            if hit is not None:
                new_channel, _, new_nexthop = hit.value.partition(":")
                if not new_channel:
                    return channel, new_nexthop or nexthop
                default = "Address is undeliverable" if new_channel in ("error", "retry") else domain
                return new_channel, new_nexthop or default
        return channel, nexthop


def own_addresses(*interfaces: str) -> frozenset[str]:
    """The addresses that $inet_interfaces and $proxy_interfaces name.

    `all` and `loopback-only` stand for the loopback: what else the machine has must not change what a test sees.
    """
    addresses: set[str] = set()
    for value in interfaces:
        for word in value.replace(",", " ").split():
            if word in ("all", "loopback-only", "localhost"):
                addresses.update(("127.0.0.1", "::1"))
            else:
                addresses.add(word.strip("[]").lower())
    return frozenset(addresses)
