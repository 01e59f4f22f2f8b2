"""checks - ask header_checks and its relatives about a line, and read the action that they give (header_checks(5))."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from harness.gateway.rule import Rule
from harness.gateway.table import Hit, Table, TableError

_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}(?=[ \t]|$)")


class Tables(Protocol):
    """The part of the settings that gives the tables of a *_checks parameter.  `table` raises TableError."""

    def elements(self, name: str) -> Iterable[tuple[str, Rule]]: ...
    def table(self, spec: str) -> Table: ...


class _Unusable:
    """Stands for tables that could not be opened: fails when it is reached, as dict_surrogate(3) does."""

    fixed = False
    rules: tuple[Rule, ...] = ()

    def __init__(self, name: str, error: TableError) -> None:
        self.name, self.error = name, error

    def lookup(self, key: str) -> Hit | None:
        raise self.error


@dataclass(frozen=True, slots=True)
class Checks:
    """The tables of one parameter, asked in order (maps_find)."""

    name: str
    tables: tuple[Table, ...]

    def find(self, key: str) -> tuple[Table, Hit] | None:
        """The first hit and the table that gave it.  Raises TableError; an empty value is an error too."""
        if not key:
            return None
        for table in self.tables:
            hit = table.lookup(key)
            if hit is not None:
                if not hit.value:
                    raise TableError(f"{self.name} lookup of {key} returns an empty string result")
                return table, hit
        return None


def open_checks(settings: Tables, name: str) -> Checks:
    """The tables of this parameter; in place of one that cannot be opened, something that says so when it is asked."""
    tables: list[Table] = []
    for spec, _ in settings.elements(name):
        try:
            tables.append(settings.table(spec))
        except TableError as error:
            tables.append(_Unusable(spec, error))
    return Checks(name, tuple(tables))


def split_action(value: str) -> tuple[str, str]:
    """`REJECT 5.7.1 text` -> ("REJECT", "5.7.1 text"): the command in upper case, its text without blanks in front."""
    match = re.match(r"([^ \t]*)\s*", value)
    assert match is not None
    return match[1].upper(), value[match.end() :]


def reject_reason(text: str, warn: Callable[[str], None]) -> str:
    """Status and text of a REJECT: a status in the text counts, else 5.7.1; anything but 4 or 5 becomes 4.

    Source: cleanup_act, dsn_prepend.
    """
    if not text:
        return "5.7.1 message content rejected"
    match = _STATUS.match(text)
    if match is None:
        return f"5.7.1 {text}"
    reason = f"{match[0]} {text[match.end() :].lstrip()}"
    if match[1] == "2":
        warn(f"bad DSN action in {text} -- need 4.x.x or 5.x.x")
        return "4" + reason[1:]
    return reason
