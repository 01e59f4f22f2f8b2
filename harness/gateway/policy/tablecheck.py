"""tablecheck - ask one access table for a client, a name or an address; what its line says, as a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from harness.gateway.lookup import Key, find, host_keys, network_keys
from harness.gateway.policy.access import judge
from harness.gateway.policy.restriction import View
from harness.gateway.policy.verdict import FromTable
from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableError

OnPermit = Literal["permit", "dunno", "forbid"]

# What a table that cannot say comes to: an ordinary refusal, which warn_if_reject may soften.
_BROKEN = "451 4.3.5 Server configuration error"


def check(
    view: View,
    table: Table,
    keys: Iterable[Key],
    reply_name: str,
    reply_class: str,
    about: str = "",
    on_permit: OnPermit = "permit",
    subject: str = "",
) -> FromTable | None:
    """The verdict of the first key that the table has; None when it has none of them.

    `about` is what warnings call the entry.  DUNNO is a verdict: it ends the search of this table.
    """
    keys = tuple(keys)
    about = about or (keys[0][0] if keys else "")
    known = view.known
    known.asking = view.session.number
    try:
        hit = find(table, keys)
    except TableError as error:
        if " lookup error for " not in str(error):  # a table inside, or fail: itself, says no more than what follows
            view.warn(str(error))
        view.warn(f'{table.name} lookup error for "{about}"')
        hit = Hit(_BROKEN, Rule(table.name, 0, str(error)))
    finally:
        known.asking = None
    if hit is None:
        return None
    return judge(view, table.name, about, hit, reply_name, reply_class, on_permit, subject)


def check_name(
    view: View,
    table: Table,
    name: str,
    reply_name: str,
    reply_class: str,
    on_permit: OnPermit = "permit",
    subject: str = "",
) -> FromTable | None:
    """A host name and its parents."""
    keys = host_keys(name, view.known.parent_style)
    return check(view, table, keys, reply_name, reply_class, name, on_permit, subject)


def check_network(
    view: View,
    table: Table,
    address: str,
    reply_name: str,
    reply_class: str,
    on_permit: OnPermit = "permit",
    subject: str = "",
) -> FromTable | None:
    """An address and the networks above it."""
    return check(view, table, network_keys(address), reply_name, reply_class, address, on_permit, subject)
