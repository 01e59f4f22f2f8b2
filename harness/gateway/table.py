"""table - contract: a key -> the value that a lookup table gives for it, and the line that gave it.

Members live in tables/, one file per type of postconf -m; `open_table` finds them by the word before the colon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.gateway.rule import Rule
from harness.registry import Registry


@dataclass(frozen=True, slots=True)
class Hit:
    """A value found in a table, and the line it stands on."""

    value: str
    rule: Rule


class TableError(Exception):
    """A table that cannot answer (no such file, bad type, `fail:`): Postfix says 451 4.3.5, at run time, when reached.

    `temporary` errors (dict retry outside access tables) say 451 4.3.0.
    """


class Table(Protocol):
    """One opened lookup table."""

    @property
    def name(self) -> str:
        """As written: `hash:/etc/postfix/access`."""
        ...

    @property
    def fixed(self) -> bool:
        """True: exact keys, asked with parents and partial keys too.  False: patterns, asked with the full key only."""
        ...

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every line of the table that could ever answer, in order (for coverage and explain)."""
        ...

    def lookup(self, key: str) -> Hit | None:
        """The value for this key.  Raises TableError when the table cannot say."""
        ...


@dataclass(frozen=True)
class TableContext:
    """What a table needs in order to open: where files are, and where its complaints go."""

    directory: Path
    """The configuration directory; `/etc/postfix/` in a file name means this directory."""

    warn: Callable[[str], None]
    """Takes a warning in Postfix's words, without the `warning: ` in front."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """Other parameters by name, expanded, for the few tables that need one."""


Opener = Callable[[str, str, TableContext], Table]
"""(full name "type:rest", rest, context) -> an open table; raises TableError."""

tables: Registry[Opener] = Registry("lookup table type", "harness.gateway.tables")


def open_table(name: str, context: TableContext) -> Table:
    """The table that `type:name` stands for.

    Raises TableError when the type is unknown or the table cannot be opened: as in Postfix, the caller
    keeps going and answers 451 when the table is reached.  Source: DATABASE_README, dict_open(3).
    """
    kind, colon, rest = name.partition(":")
    opener = tables.get(kind) if colon else None
    if opener is None:
        raise TableError(f"unsupported dictionary type: {kind}")
    return opener(name, rest, context)
