"""broken_table - the tables of a parameter; one that cannot be opened fails when it is asked (dict_surrogate)."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gateway.rule import Rule
from harness.gateway.settings import Settings
from harness.gateway.table import Hit, Table, TableError


@dataclass(slots=True)
class BrokenTable:
    """A table that could not be opened: every question about it fails, with the reason."""

    name: str
    reason: str
    fixed: bool = True
    rules: tuple[Rule, ...] = ()

    def lookup(self, key: str) -> Hit | None:
        raise TableError(f"{self.name} is unavailable. {self.reason}")


def open_or_break(settings: Settings, spec: str) -> Table:
    """The table of this name, or one that says why there is none.  Never raises."""
    try:
        return settings.table(spec)
    except TableError as error:
        return BrokenTable(spec, str(error))


def tables_of(settings: Settings, name: str) -> tuple[Table, ...]:
    """The tables that a *_maps parameter names, in order.  Never raises."""
    return tuple(open_or_break(settings, word) for word, _ in settings.elements(name))
