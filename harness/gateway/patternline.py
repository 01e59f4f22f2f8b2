"""patternline - one line of a regexp: or pcre: table: `/pattern/flags result`, `!` for not, $1 in the result.

It is read byte by byte, as Postfix does: text is bytes in latin-1 clothes here.  The two types share the language and
differ in small things; each brings those, and its engine, as a `Language`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.gateway.lines import WHITESPACE, decode

_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


class PatternSyntax(Exception):
    """Why a line is skipped, in Postfix's words; what is warned about first stands before it, one a line."""


class MatchFailed(Exception):
    """The engine gave up on a key, in its own words."""


class Matcher(Protocol):
    """A compiled pattern."""

    groups: int

    def find(self, key: bytes) -> tuple[bytes | None, ...] | None:
        """The captured groups (the first is $1) if the pattern is found in the key, else None.  Raises MatchFailed."""
        ...


@dataclass(frozen=True)
class Language:
    """What a type calls itself, its flags, its engine, and its words."""

    kind: str  # regexp, pcre
    flags: str  # the letters it knows
    compile: Callable[[bytes, str], Matcher]  # (pattern, flag letters) -> a matcher.  Raises PatternSyntax
    translate: Callable[[bytes, str], bytes | None]  # the same for RE2, found wherever this is found
    second: bool  # /pattern1/!/pattern2/
    backslash_closes: bool  # at the end of the line it takes the place of the delimiter
    unclosed: str  # what becomes of a line whose pattern does not end
    below_one: str  # what is said of $0
    obsolete: str = ""  # flags that mean nothing any more


@dataclass(frozen=True)
class Pattern:
    """A pattern as it is written."""

    text: str
    flags: str
    wanted: bool  # no `!` in front, or an even number


def read_pattern(language: Language, text: str, at: int, warn: Callable[[str], None]) -> tuple[Pattern, int]:
    """The pattern at this place, and where it ends.  Raises PatternSyntax.

    Source: dict_regexp_get_pat() and dict_pcre_get_pattern().
    """
    wanted = True
    while at < len(text) and (text[at] == "!" or text[at] in WHITESPACE):
        wanted ^= text[at] == "!"
        at += 1
    if at >= len(text):
        raise PatternSyntax("no regexp: skipping this rule")
    delimiter = text[at]
    start = at = at + 1
    while at < len(text) and text[at] != delimiter:
        if text[at] == "\\":
            if at + 1 == len(text) and language.backslash_closes:
                break
            at += 1
        at += 1
    if at >= len(text):
        raise PatternSyntax(f'no closing regexp delimiter "{delimiter}": {language.unclosed} this rule')
    end = at
    flags_from = at = at + 1
    while at < len(text) and text[at] not in WHITESPACE and not (language.second and text[at] == "!"):
        if text[at] in language.obsolete:
            warn(f'ignoring obsolete regexp option "{text[at]}"')
        elif text[at] not in language.flags:
            raise PatternSyntax(f'unknown regexp option "{text[at]}": skipping this rule')
        at += 1
    return Pattern(text[start:end], "".join(c for c in text[flags_from:at] if c in language.flags), wanted), at


def read_result(value: str, below_one: str) -> tuple[str | int, ...]:
    """A result as texts and group numbers.  Raises PatternSyntax.  Source: mac_parse(3), pcre_table(5)."""
    parts: list[str | int] = []
    at = 0
    while (dollar := value.find("$", at)) >= 0:
        if value[dollar + 1 : dollar + 2] == "$":
            parts.append(value[at : dollar + 1])
            at = dollar + 2
            continue
        parts.append(value[at:dollar])
        name, at = _macro(value, dollar + 1)
        if not (name.isascii() and name.isdigit()):
            raise _bad(f'non-numeric replacement index "{name}"')
        if int(name) < 1:
            raise _bad(f'{below_one} replacement index "{name}"')
        parts.append(int(name))
    parts.append(value[at:])
    return tuple(decode(part.encode("latin-1")) if isinstance(part, str) else part for part in parts if part != "")


def _macro(value: str, at: int) -> tuple[str, int]:
    """The name behind a dollar, and where it ends."""
    end = at
    if (opening := value[at : at + 1]) in ("{", "("):
        closing, level = ("}" if opening == "{" else ")"), 0
        while True:
            if end >= len(value):
                raise _bad(f'truncated macro reference: "{value}"')
            level += (value[end] == opening) - (value[end] == closing)
            end += 1
            if not level:
                break
        name = value[at + 1 : end - 1]
    else:
        while end < len(value) and value[end] in _NAME:
            end += 1
        name = value[at:end]
    if not name:
        raise _bad(f'empty macro name: "{value}"')
    return name, end


def _bad(what: str) -> PatternSyntax:
    return PatternSyntax(f"{what}\nbad replacement syntax: skipping this rule")


def is_word(text: str, word: str) -> bool:
    """Does the line begin with this statement?"""
    after = text[len(word) : len(word) + 1]
    return text[: len(word)].lower() == word and not (after.isascii() and after.isalnum())
