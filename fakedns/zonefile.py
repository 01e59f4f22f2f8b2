"""zonefile - master-file text (RFC 1035 section 5, RFC 2308 4) -> Zone; every complaint has its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from fakedns.record import DEFAULT_TTL, Record, absolute, encode_data, is_time, parse_time
from fakedns.wire import TYPES, WireError, encode_name, normal_name, type_name, type_number
from fakedns.zone import Zone, ZoneError

_LEXEME = re.compile(
    r"""(?P<newline>\n)
      | (?P<blank>[ \t\r\f]+)
      | (?P<comment>;[^\n]*)
      | (?P<open>\() | (?P<close>\))
      | "(?P<quoted>(?:[^"\\\n]|\\[^\n])*)"
      | (?P<word>(?:[^\s;()"\\]|\\[^\n])+)""",
    re.VERBOSE,
)
_CLASSES = ("IN", "CH", "HS", "CS")


@dataclass(slots=True)
class _Entry:
    """One entry: its fields, the line it starts on, and whether a blank stood first (the owner is the one before)."""

    line: int
    owned: bool
    fields: list[str] = field(default_factory=list)


def parse_zone(text: str, file: str = "<zone>", into: Zone | None = None) -> Zone:
    """The zone that this text describes, added to the zone `into` where one is given.

    `$ORIGIN` and `$TTL`, omitted owners, `@`, parentheses, comments, TTLs with units and every record type are read;
    names are relative to the root until `$ORIGIN` says otherwise.  A record without a TTL has `$TTL`, or that of
    the record before it, or 60 s.  Raises ZoneError.
    """
    zone = Zone() if into is None else into
    origin, owner = "", None
    default: int | None = None
    last = DEFAULT_TTL
    for entry in _entries(text, file):
        try:
            if entry.fields[0].startswith("$") and not entry.owned:
                origin, default = _directive(entry.fields, zone, origin, default)
                continue
            if entry.owned:
                if owner is None:
                    raise WireError("the first record has no owner: its line begins with a blank")
                fields = entry.fields
            else:
                owner, fields = _name(entry.fields[0], origin), entry.fields[1:]
            record, last = _record(owner, fields, origin, default, last)
            zone.add_record(record)
        except ZoneError as error:
            raise ZoneError(error.what, file=file, line=entry.line) from None
        except WireError as error:
            raise ZoneError(str(error), file=file, line=entry.line) from None
    return zone


def load_zone(path: Path, into: Zone | None = None) -> Zone:
    """The zone in a file, as parse_zone gives it.  Raises ZoneError, also when the file cannot be read. (IO)"""
    try:
        return parse_zone(path.read_text("utf-8"), str(path), into)
    except OSError as error:
        raise ZoneError(error.strerror or str(error), file=str(path)) from None
    except UnicodeDecodeError as error:
        raise ZoneError(f"not UTF-8 text ({error.reason})", file=str(path)) from None


def _entries(text: str, file: str) -> Iterator[_Entry]:
    line, at, opened = 1, 0, 0
    fresh, blank = True, False  # at the start of a line; that line began with a blank
    entry: _Entry | None = None
    while at < len(text):
        match = _LEXEME.match(text, at)
        if match is None:
            what = "a quote without its partner" if text[at] == '"' else "a backslash at the end of a line"
            raise ZoneError(what, file=file, line=line)
        at = match.end()
        kind = match.lastgroup
        if kind == "newline":
            line += 1
            if not opened:
                if entry is not None:
                    yield entry
                entry, fresh, blank = None, True, False
            continue
        if kind == "blank":
            blank = blank or fresh
        elif kind == "close":
            if not opened:
                raise ZoneError("')' without a '('", file=file, line=line)
            opened = 0
        elif kind != "comment":
            if entry is None:
                entry = _Entry(line, owned=blank)
            if kind == "open":
                if opened:
                    raise ZoneError("'(' inside parentheses", file=file, line=line)
                opened = line
            else:
                entry.fields.append(match[kind or 0])
        fresh = False
    if opened:
        raise ZoneError("'(' is never closed", file=file, line=opened)
    if entry is not None:
        yield entry


def _directive(fields: list[str], zone: Zone, origin: str, default: int | None) -> tuple[str, int | None]:
    """(origin, default TTL) after a `$` line."""
    word = fields[0].upper()
    if word not in ("$ORIGIN", "$TTL"):
        raise WireError(f"{fields[0]} is not supported; only $ORIGIN and $TTL are")
    if len(fields) != 2:
        raise WireError(f"{word} takes one value, got {len(fields) - 1}")
    if word == "$TTL":
        return origin, parse_time(fields[1])
    origin = _name(fields[1], origin)
    if origin:
        zone.declare(origin)
    return origin, default


def _record(owner: str, fields: list[str], origin: str, default: int | None, last: int) -> tuple[Record, int]:
    """The record, and the TTL that a next one without its own would have."""
    ttl: int | None = None
    rclass = ""
    at = 0
    while at < len(fields):  # [TTL] [class] or [class] [TTL], each at most once
        word = fields[at].upper()
        if word in _CLASSES and not rclass:
            rclass = word
        elif ttl is None and is_time(word):
            ttl = parse_time(word)
        else:
            break
        at += 1
    if rclass not in ("", "IN"):
        raise WireError(f"class {rclass}: only class IN is served")
    if at == len(fields):
        raise WireError(f"a record of {owner or '.'} without a type")
    number = _type(fields[at])
    if ttl is None:
        ttl = last if default is None else default
    rtype = type_name(number)
    return Record(owner, rtype, ttl, encode_data(rtype, fields[at + 1 :], origin)), ttl


def _type(word: str) -> int:
    try:
        number = type_number(word)
    except WireError as error:
        near = get_close_matches(word.upper(), TYPES, n=1)
        raise WireError(f"{error}{f'; did you mean {near[0]!r}?' if near else ''}") from None
    if number == 41 or 128 <= number <= 255:  # RFC 6895 3.1: OPT and question-only types
        raise WireError(f"{word} can be asked for, but no record has this type")
    return number


def _name(text: str, origin: str) -> str:
    whole = absolute(text, origin)
    encode_name(whole)
    return normal_name(whole)
