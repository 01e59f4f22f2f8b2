"""certificates - `{ type:table, { search_order = ... } }` of check_ccert_access."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table

SEARCH_ORDER = {"cert_fingerprint": 0, "pubkey_fingerprint": 1}
"""What can be searched for, and its place in Session.tls_fingerprints."""

_BRACED = re.compile(r"\{\s*([^\s,{}]+(?:\{[^{}]*\})?)[\s,]*(?:\{\s*search_order\s*=\s*([^{}]*)\})?[\s,]*\}")


@dataclass(slots=True)
class CertificateTable:
    """A table with the order in which fingerprints are looked up in it."""

    table: Table
    order: tuple[int, ...]
    name: str
    fixed: bool
    rules: tuple[Rule, ...]

    def lookup(self, key: str) -> Hit | None:
        return self.table.lookup(key)


def certificate_table(table: Table, order: tuple[int, ...]) -> CertificateTable:
    """This table, to be searched in this order."""
    return CertificateTable(table, order, table.name, table.fixed, table.rules)


def split_spec(spec: str) -> tuple[str, tuple[int, ...]]:
    """The table and the search order of an argument in braces.  Raises ValueError, saying what is wrong."""
    match = _BRACED.fullmatch(spec)
    if match is None:
        raise ValueError(f'malformed map specification: "{spec}"')
    order = []
    for word in (match[2] or "cert_fingerprint, pubkey_fingerprint").replace(",", " ").split():
        if word not in SEARCH_ORDER:
            raise ValueError(f"'{word}' in \"{spec}\": unknown search name")
        order.append(SEARCH_ORDER[word])
    return match[1], tuple(order)
