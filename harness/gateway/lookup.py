"""lookup - the keys tried in a table for a client, a host name, a network or a mail address, in Postfix's order.

A Key with `full` set goes to every table; the others (parents, networks, partial addresses) only to tables of fixed
strings, never to patterns.  Source: access(5), check_domain_access and relatives in smtpd_check.c, mail_addr_find(3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from harness.gateway.table import Hit, Table, TableError
from harness.smtp.address import quote_local
from harness.smtp.hostname import valid_hostaddr

Key = tuple[str, bool]
"""The key, and whether it is the full one."""


def find(table: Table, keys: Iterable[Key]) -> Hit | None:
    """The first hit for these keys in one table.

    Raises TableError when the table cannot say; an empty value is such a case (maps_find).
    """
    fixed = table.fixed
    for key, full in keys:
        if full or fixed:
            hit = table.lookup(key)
            if hit is not None:
                if not hit.value:
                    raise TableError(f"{table.name} lookup of {key} returns an empty string result")
                return hit
    return None


def find_in_all(tables: Iterable[Table], keys: Iterable[Key]) -> Hit | None:
    """The first hit for these keys, each key asked of every table before the next key (maps_find over `*_maps`)."""
    tables = tuple(tables)
    for key, full in keys:
        hit = find_key(tables, key, full)
        if hit is not None:
            return hit
    return None


def find_key(tables: Iterable[Table], key: str, full: bool = True) -> Hit | None:
    """The first hit for one key in these tables.  Raises TableError."""
    for table in tables:
        if full or table.fixed:
            hit = table.lookup(key)
            if hit is not None:
                if not hit.value:
                    raise TableError(f"{table.name} lookup of {key} returns an empty string result")
                return hit
    return None


@lru_cache(maxsize=2048)
def host_keys(name: str, parent_style: bool) -> tuple[Key, ...]:
    """A host name and its parents, top-level domain included.

    `parent_style`: `example.com` stands for its subdomains too; without it `.example.com` does.  A name that is an
    IP address has no parents.  An empty name has no keys at all.
    """
    if not name:
        return ()
    keys = [(name, True)]
    if not valid_hostaddr(name):
        keys.extend((parent, False) for parent in parents(name, parent_style))
    return tuple(keys)


def parents(name: str, parent_style: bool) -> Iterator[str]:
    """The domains above a name: `b.c`, `c` in parent style, else `.b.c`, `.c`."""
    dot = name.find(".", 1)
    while dot >= 0:
        name = name[dot + 1 :] if parent_style else name[dot:]
        if not name:  # the name ended in a dot
            return
        yield name
        dot = name.find(".", 1)


@lru_cache(maxsize=2048)
def network_keys(address: str) -> tuple[Key, ...]:
    """An address and the networks above it, cut at the last dot (IPv4) or colon (IPv6)."""
    delimiter = ":" if ":" in address else "."
    keys, rest = [(address, True)], address
    while delimiter in rest:
        rest = rest[: rest.rindex(delimiter)]
        keys.append((rest, False))
    return tuple(keys)


@lru_cache(maxsize=2048)
def address_keys(address: str, delimiter: str, parent_style: bool) -> tuple[Key, ...]:
    """The keys of a mail address in an access table, for an address that was resolved and folded.

    user+ext@domain, user@domain, domain, its parents, user+ext@, user@; each local part as it is quoted in mail,
    then as it is.  Source: access(5) EMAIL ADDRESS PATTERNS.
    """
    local, _, domain = address.rpartition("@")
    base = strip_extension(local, delimiter)
    keys = list(_quoted(local, "@" + domain, True))
    if base is not None:
        keys += _quoted(base, "@" + domain, False)
    keys.append((domain, False))
    keys.extend((parent, False) for parent in parents(domain, parent_style))
    keys += _quoted(local, "@", False)
    if base is not None:
        keys += _quoted(base, "@", False)
    return tuple(keys)


def map_keys(address: str, delimiter: str, is_local: Callable[[str], bool]) -> Iterator[Key]:
    """The keys of a mail address in canonical, alias and recipient maps (mail_addr_find, default strategy).

    user+ext@domain, user@domain; user+ext and user if the domain is ours; @domain.
    """
    address = address.lower()
    local, at, domain = address.rpartition("@")
    if not at:
        local, domain = address, ""
    base = strip_extension(local, delimiter)
    suffix = at + domain
    yield from _quoted(local, suffix, True)
    if base is not None:
        yield from _quoted(base, suffix, False)
    if not at:
        return
    if is_local(domain):
        yield from _quoted(local, "", False)
        if base is not None:
            yield from _quoted(base, "", False)
    yield "@" + domain, False


def strip_extension(local: str, delimiter: str) -> str | None:
    """The user of user+ext; None without an extension.

    postmaster, mailer-daemon and double-bounce have none, nor have owner-list and list-request when `-` is the
    delimiter.  Source: split_addr(3).
    """
    if not delimiter or local.lower() in ("postmaster", "mailer-daemon", "double-bounce"):
        return None
    if "-" in delimiter:
        lower = local.lower()
        if lower.startswith("owner-") or lower.endswith("-request"):
            return None
    for at, character in enumerate(local):
        if character in delimiter:
            return local[:at] if at else None
    return None


def _quoted(local: str, suffix: str, full: bool) -> tuple[Key, ...]:
    quoted = quote_local(local)
    if quoted == local:
        return ((local + suffix, full),)
    return (quoted + suffix, full), (local + suffix, full)
