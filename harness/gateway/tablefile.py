"""tablefile - the text behind a lookup table: where it is, its rules, its keys and values, its folded keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.gateway.lines import (
    WHITESPACE,
    BraceError,
    LogicalLine,
    decode,
    is_utf8,
    logical_lines,
    unbraced,
    words,
)
from harness.gateway.rule import Rule
from harness.gateway.table import TableContext, TableError

_OFFICIAL = "/etc/postfix/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key value` line."""

    key: str
    value: str
    rule: Rule


def path_of(name: str, directory: Path) -> Path:
    """The file a name in the configuration stands for: /etc/postfix/ is the configuration directory."""
    if name.startswith(_OFFICIAL):
        name = name.removeprefix(_OFFICIAL).lstrip("/")
    return directory / name


def shown_name(name: str, directory: Path) -> str:
    """The name a rule's file goes by: relative to the configuration directory where it lies inside."""
    path = path_of(name, directory)
    return path.relative_to(directory).as_posix() if path.is_relative_to(directory) else str(path)


def read_text(name: str, context: TableContext, what: str = "open") -> str:
    """The text of a file.  Raises TableError in the words of dict_open(3)."""
    try:
        return decode(path_of(name, context.directory).read_bytes())
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "Invalid argument"
        raise TableError(f"{what} {name}: {reason}") from None


def rule_lines(kind: str, rest: str, context: TableContext) -> tuple[str, list[LogicalLine]]:
    """(file name for rules, logical lines) of an ordered table: a file, or `{{rule}, {rule}}` in main.cf itself.

    Raises TableError.  Source: dict_stream(3).
    """
    if not rest.startswith("{"):
        text, file = read_text(rest, context), shown_name(rest, context.directory)
    else:
        try:
            inside = unbraced(rest)
            text = "".join(unbraced(word) + "\n" for _, word in words(inside))
        except BraceError as error:
            raise TableError(f"{kind} map: {error}") from None
        file = f"{kind}:{rest}"
    return file, list(logical_lines(text, rest, context.warn))


def source_entries(name: str, context: TableContext, ignored: str = " -- ignoring this line") -> Iterator[Entry]:
    """The `key value` lines of a postmap source file, bad lines left out with a warning; keys unfolded.

    `ignored` is what dict_thash(3) has at the end of one warning, and postmap(1) has not.
    """
    utf8 = wants_utf8(context)
    file = shown_name(name, context.directory)
    text = read_text(name, context, "open database")
    for line in logical_lines(text, name, context.warn):
        if utf8 and not is_utf8(line.text):
            context.warn(f'{name}, line {line.number}: non-UTF-8 input "{line.text}" -- ignoring this line')
            continue
        split = split_entry(line.text)
        if isinstance(split, str):
            context.warn(f"{name}, line {line.number}: unbalanced '\"' in '{line.text}' -- ignoring this line")
            continue
        if split is None:
            context.warn(f"{name}, line {line.number}: expected format: key whitespace value{ignored}")
            continue
        if split[0].endswith(":"):
            context.warn(f'{name}, line {line.number}: record is in "key: value" format; is this an alias file?')
        yield Entry(*split, Rule(file, line.number, " ".join(split)))


def split_entry(text: str) -> tuple[str, str] | str | None:
    """(key, value) of a `key value` line; a key in double quotes may hold blanks.

    None when either is missing, the text itself where a quote never ends.
    Source: postmap(1).
    """
    end, quoted = 0, False
    while end < len(text):
        c = text[end]
        if c == "\\":
            end += 1
        elif c == '"':
            quoted = not quoted
        elif c in WHITESPACE and not quoted:
            break
        end += 1
    if quoted:
        return text
    key, value = text[:end].rstrip(WHITESPACE), text[end + 1 :].strip(WHITESPACE)
    return (key, value) if key and value else None


def wants_utf8(context: TableContext) -> bool:
    """smtputf8_enable, which also decides how keys are folded and checked; yes unless the settings say no."""
    return context.parameters.get("smtputf8_enable", "yes").lower() != "no"


def fold(key: str, utf8: bool) -> str | None:
    """A key as fixed tables store it: lower case, with Unicode case folding under smtputf8_enable.

    None for a key that is not UTF-8 then: it cannot be in any table.  Source: casefold(3), dict_utf8(3).
    """
    if key.isascii():
        return key.lower()
    if not utf8:
        return "".join(c.lower() if c.isascii() else c for c in key)
    return key.casefold() if is_utf8(key) else None


def c_string(key: str) -> str:
    """A key as C sees it: nothing after a NUL."""
    return key.partition("\0")[0] if "\0" in key else key
