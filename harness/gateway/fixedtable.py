"""fixedtable - a table of exact keys, read once: what hash, texthash and inline have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from harness.gateway.rule import Rule
from harness.gateway.table import Hit
from harness.gateway.tablefile import c_string, fold


class FixedTable:
    """Exact strings, keys folded on the way in and at lookup."""

    fixed = True

    def __init__(
        self, name: str, hits: Mapping[str, Hit], rules: tuple[Rule, ...], utf8: bool, warn: Callable[[str], None]
    ) -> None:
        """`hits` by folded key."""
        self.name, self.rules, self._hits, self._utf8, self._warn = name, rules, hits, utf8, warn

    def entries(self) -> Iterable[tuple[str, Hit]]:
        """Every folded key with its value, in the order of the lines."""
        return self._hits.items()

    def entry(self, key: str) -> Hit | None:
        """The value of a folded key."""
        return self._hits.get(key)

    def lookup(self, key: str) -> Hit | None:
        """The value for this key, whatever its case; a key that is not UTF-8 is not there, with a warning."""
        hit = self._hits.get(key)
        if hit is not None or (key.isascii() and key.islower() and "\0" not in key):
            return hit  # it is what it would be folded to
        folded = fold(c_string(key), self._utf8)
        if folded is None:
            self._warn(f'{self.name}: non-UTF-8 key "{key}": malformed UTF-8 or invalid codepoint')
            return None
        return self._hits.get(folded)
