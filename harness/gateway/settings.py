"""settings - a configuration directory as values: main.cf with its defaults, tables, lists, and where each is written.

What Postfix refuses at start is a ConfigError in its words; what it merely warns about is in `warnings`, likewise.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict

from harness.errors import ConfigError, did_you_mean
from harness.gateway.expand import ExpandError, Piece, compatibility_level, expand_pieces
from harness.gateway.lines import decode, words
from harness.gateway.maincf import MAIN_CF, Setting, parse_main_cf
from harness.gateway.matchlist import MatchList, Sources, open_list
from harness.gateway.parameters import boolean, number, parameter, parameters, seconds, unit_of
from harness.gateway.rule import Rule, default_rule
from harness.gateway.table import Table, TableContext, TableError, open_table

SHOWN = "/etc/postfix"  # what $config_directory says, wherever the directory really is
_COMPATIBLE = (
    "Postfix is using backwards-compatible default settings",
    "See http://www.postfix.org/COMPATIBILITY_README.html for details",
    'To disable backwards compatibility use "postconf compatibility_level=3.6" and "postfix reload"',
)


_MOST_WARNINGS = 1000  # that are kept: a table may have one for every mail


class _Place(TypedDict):
    """Where a value is written, as the keyword arguments of whoever complains about it."""

    file: str
    line: int


# Expanded when a reply is made, if at all: CONFIG_RAW_TABLE in smtpd.c.
_RAW = {"smtpd_expansion_filter", "default_rbl_reply", "smtpd_reject_footer"}


class Settings:
    """Everything a gateway reads from its configuration directory.  Frozen once loaded; a reload makes a new one."""

    def __init__(self, directory: Path, written: Mapping[str, Setting], warnings: list[str]) -> None:
        self.directory = directory
        self.warnings = warnings
        self._written = dict(written)
        self._pieces: dict[str, tuple[Piece, ...]] = {}
        self._tables: dict[str, Table | TableError] = {}
        self._lists: dict[tuple[str, str], MatchList] = {}
        self._listeners: list[Callable[[str], bool | None]] = []
        self.haste = 1.0  # so many times as impatient as it says here

    @classmethod
    def load(cls, directory: Path, overrides: Mapping[str, str] | None = None) -> Settings:
        """Read `main.cf` and check it; `overrides` count as written after it (their file is "set").

        Raises ConfigError: no main.cf, a line without `=`, a bad yes/no, number or time, a macro that does not end.
        """
        warnings: list[str] = []
        path = directory / MAIN_CF
        try:
            text = decode(path.read_bytes())
        except OSError as error:
            raise ConfigError(f"open {SHOWN}/{MAIN_CF}: {error.strerror}", file=str(path)) from None
        written = parse_main_cf(text, f"{SHOWN}/{MAIN_CF}", warnings.append)
        for name, value in (overrides or {}).items():
            written[name] = Setting(name, " ".join(value.split("\n")).strip(), "set", 0)
        settings = cls(directory, written, warnings)
        settings._check()
        return settings

    # -- values --------------------------------------------------------------------------------------------------

    def raw(self, name: str) -> str:
        """The value as written (or the default), unexpanded; "" for a name that nobody knows."""
        return self._lookup(name) or ""

    def text(self, name: str) -> str:
        """The value, expanded."""
        return "".join(piece.text for piece in self._expanded(name))

    def flag(self, name: str) -> bool:
        """A yes or no."""
        return boolean(name, self.text(name), **self._place(name))

    def number(self, name: str) -> int:
        """A whole number."""
        return number(name, self.text(name), **self._place(name))

    def seconds(self, name: str) -> float:
        """A time, in s."""
        known = parameter(name)
        return float(seconds(name, self.text(name), unit_of(known.default if known else ""), **self._place(name)))

    def patience(self, name: str) -> float:
        """How long to wait for somebody on the network, in s: the time, made shorter by `haste`."""
        return self.seconds(name) / self.haste

    def defined(self, name: str) -> bool:
        """Whether main.cf (or what was put on top) sets it."""
        return name in self._written

    def rule(self, name: str) -> Rule:
        """The line that sets it; for a default, the default."""
        setting = self._written.get(name)
        if setting is None:
            return default_rule(f"{name} = {self.raw(name)}")
        return Rule(setting.file, setting.line, f"{name} = {setting.value}")

    def parameters(self) -> frozenset[str]:
        """The names that are set here, and all that Postfix knows."""
        return frozenset(self._written) | frozenset(parameters())

    def elements(self, name: str) -> tuple[tuple[str, Rule], ...]:
        """The words of a list, braces kept whole, each with the line it stands on."""
        pieces = self._expanded(name)
        whole = "".join(piece.text for piece in pieces)
        found = []
        for offset, word in words(whole):
            found.append((word, self._rule_at(pieces, offset, word)))
        return tuple(found)

    # -- tables and lists ----------------------------------------------------------------------------------------

    def table(self, spec: str) -> Table:
        """The table of this name, opened once.  Raises TableError, now and every time, when it cannot be."""
        opened = self._tables.get(spec)
        if opened is None:
            try:
                opened = open_table(spec, self.context)
            except TableError as error:
                opened = error
            self._tables[spec] = opened
        if isinstance(opened, TableError):
            raise opened
        return opened

    def tables(self, name: str) -> tuple[Table, ...]:
        """The tables that a *_maps or *_checks parameter names, in order.  Raises TableError."""
        return tuple(self.table(word) for word, _ in self.elements(name))

    @property
    def opened(self) -> tuple[Table, ...]:
        """Every table opened so far."""
        return tuple(table for table in self._tables.values() if not isinstance(table, TableError))

    def string_list(self, name: str) -> MatchList:
        """A list of exact names (mydestination)."""
        return self._list(name, "string", False)

    def domain_list(self, name: str) -> MatchList:
        """A list of domains (relay_domains); parents match as parent_domain_matches_subdomains says."""
        return self._list(name, "domain", self._matches_parents(name))

    def address_list(self, name: str) -> MatchList:
        """A list of hosts and networks (mynetworks)."""
        return self._list(name, "namadr", self._matches_parents(name))

    @property
    def context(self) -> TableContext:
        """What tables need in order to open."""
        wanted = ("smtputf8_enable", "alias_maps", "alias_database")
        return TableContext(self.directory, self.warn, {name: self.text(name) for name in wanted})

    def warn(self, text: str) -> None:
        """Keep a warning that came up after loading, and tell who listens, the last comer first, until one takes it."""
        if len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(text)
        for listener in reversed(self._listeners):
            if listener(text):
                return

    def listen(self, listener: Callable[[str], bool | None]) -> None:
        """Have later warnings (a table that is opened when it is reached) told as they come; True: it is mine alone."""
        self._listeners.append(listener)

    # -- beneath -------------------------------------------------------------------------------------------------

    def _lookup(self, name: str) -> str | None:
        setting = self._written.get(name)
        if setting is not None:
            return setting.value
        match name:
            case "config_directory":
                return SHOWN
            case "myhostname":
                return self._own_name()
            case "mydomain":
                return self.text("myhostname").partition(".")[2] or "localdomain"
            case "mynetworks":
                whole = self.text("mynetworks_style") in ("subnet", "class")
                return "127.0.0.0/8 [::1]/128" if whole else "127.0.0.1/32 [::1]/128"
        known = parameter(name)
        return known.default if known else None

    def _own_name(self) -> str:
        node = platform.node() or "localhost"
        if "." in node:
            return node
        domain = self._written.get("mydomain")
        return f"{node}.{domain.value if domain else 'localdomain'}"

    def _expanded(self, name: str) -> tuple[Piece, ...]:
        pieces = self._pieces.get(name)
        if pieces is None:
            try:
                pieces = expand_pieces(name, self.raw(name), self._lookup)
            except ExpandError as error:
                raise ConfigError(f"{name}: {error}", **self._place(name)) from None
            self._pieces[name] = pieces
        return pieces

    def _rule_at(self, pieces: tuple[Piece, ...], offset: int, word: str) -> Rule:
        for piece in pieces:
            if offset < len(piece.text):
                setting = self._written.get(piece.source)
                if setting is None:
                    return default_rule(word)
                return Rule(setting.file, setting.line_at(piece.offset + offset), word)
            offset -= len(piece.text)
        raise AssertionError("an offset beyond the text")

    def _place(self, name: str) -> _Place:
        setting = self._written.get(name)
        return _Place(file=setting.file, line=setting.line) if setting else _Place(file="(default)", line=0)

    def _list(self, name: str, kind: str, parents: bool) -> MatchList:
        found = self._lists.get((name, kind))
        if found is None:
            sources = Sources(self.directory, self.table, self.warn)
            found = self._lists[name, kind] = open_list(name, self.text(name), kind, parents, sources)
        return found

    def _matches_parents(self, name: str) -> bool:
        return self.string_list("parent_domain_matches_subdomains").matches(name)

    def _check(self) -> None:
        """What the daemons check at start, and what postconf(1) warns about."""
        used = set(self._written_names_used())
        for name, setting in self._written.items():
            known = parameter(name)
            if known is None:
                if name not in used:
                    near = did_you_mean(name, parameters())
                    self.warnings.append(f"{SHOWN}/{MAIN_CF}: unused parameter: {name}={setting.value}{near}")
                continue
            match known.kind:
                case "bool":
                    self.flag(name)
                case "int":
                    self.number(name)
                case "time":
                    self.seconds(name)
                case _ if name not in _RAW:
                    self._expanded(name)
        try:
            compatibility_level(self.text("compatibility_level"))
        except ExpandError as error:
            raise ConfigError(str(error), **self._place("compatibility_level")) from None
        if not self.defined("compatibility_level"):
            self.warnings.extend(_COMPATIBLE)

    def _written_names_used(self) -> set[str]:
        """Names that are no parameters of Postfix's but are used: in another value, or as a restriction class."""
        used = {word for word, _ in self.elements("smtpd_restriction_classes")}
        for setting in self._written.values():
            for name in self._written:
                if any(f"{mark}{name}" in setting.value for mark in ("$", "${", "$(")):
                    used.add(name)
        return used
