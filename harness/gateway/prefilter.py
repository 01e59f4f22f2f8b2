"""prefilter - which of many patterns can be in a key at all: one pass of RE2 instead of one search for each.

It may name a pattern that is not in the key, and never leaves out one that is: who asks it asks the real engine, too.
What cannot be said to RE2 with that certainty is not in it (`translated` gives None).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_MEMORY = 64 << 20  # bytes that the automaton may take
_PLAIN = re.compile(rb"[A-Za-z0-9]")
_QUANTIFIER = re.compile(rb"[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\}")
_POSIX_CLASS = re.compile(rb"\[:(?:alpha|digit|alnum|upper|lower|space|blank|punct|print|graph|cntrl|xdigit):\]")
# Perl's \s has the vertical tab, RE2's has not; \d \D \w \W \b \B are the same for both, bytes above 127 left aside.
_PERL = {b"s": rb"[\t-\r ]", b"S": rb"[^\t-\r ]", b"d": rb"\d", b"D": rb"\D", b"w": rb"\w", b"W": rb"\W",
         b"b": rb"\b", b"B": rb"\B", b"t": rb"\t", b"n": rb"\n", b"r": rb"\r"}  # fmt: skip
_RANGES = (b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789")
_PERL_IN_CLASS = {b"s": rb"\t-\r ", b"d": rb"\d", b"w": rb"\w", b"t": rb"\t", b"n": rb"\n", b"r": rb"\r"}


class Prefilter:
    """Several translated patterns, each of which RE2 can compile (`usable`)."""

    __slots__ = ("_last", "_match")

    def __init__(self, patterns: Sequence[bytes]) -> None:
        """Raises ValueError where RE2 will not have them together."""
        import re2

        options = _options(re2)
        made = re2.Set.SearchSet(options)  # type: ignore[no-untyped-call]
        self._last = len(patterns)
        for pattern in (*patterns, rb"\z"):  # the last is in every key
            try:
                made.Add(pattern)
            except re2.error as error:
                raise ValueError(f"{pattern!r}: {error}") from None
        try:
            made.Compile()
        except re2.error as error:
            raise ValueError(f"{len(patterns)} patterns: {error}") from None
        self._match: Any = made.Match

    def candidates(self, key: bytes) -> list[int] | None:
        """The places of the patterns that may be in the key, in order; None: it cannot say, ask all of them."""
        found: list[int] = self._match(key)
        if not found:
            return None  # not even the one that is in every key: it has run out of memory
        found.sort()
        if found.pop() != self._last:
            return None
        return found


def usable(pattern: bytes) -> bool:
    """Whether RE2 can compile it: it has limits of its own."""
    import re2

    try:
        re2.compile(pattern, _options(re2))  # type: ignore[no-untyped-call]
    except re2.error:
        return False
    return True


def _options(re2: Any) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def translated(pattern: bytes, *, perl: bool, caseless: bool, multiline: bool) -> bytes | None:
    """A pattern for RE2 that is found in every text (of bytes) in which this one is found; None: there is none.

    `perl`: PCRE, else a POSIX extended expression.  Only what both mean alike is let through: characters, classes,
    groups, alternatives, anchors and single quantifiers; no look-around, no back references, no options inside.
    """
    if not pattern.isascii():
        return None
    parts: list[bytes] = []
    at, depth, atom = 0, 0, False  # atom: what came last can be repeated
    while at < len(pattern):
        c = pattern[at : at + 1]
        if (found := _QUANTIFIER.match(pattern, at)) is not None:
            if not atom:
                return None
            parts.append(found[0])
            at, atom = found.end(), False
            if perl and pattern[at : at + 1] == b"?":  # as few as possible is the same text or less
                at += 1
            elif _QUANTIFIER.match(pattern, at) or pattern[at : at + 1] == b"+":
                return None
            continue
        at += 1
        atom = True
        if c == b"(":
            depth += 1
            if pattern[at : at + 1] in (b"?", b"*"):
                if not perl or pattern[at : at + 2] != b"?:":
                    return None
                at += 2
            parts.append(b"(?:")
            atom = False
        elif c == b")":
            depth -= 1
            if depth < 0:
                return None
            parts.append(c)
        elif c == b"|":
            parts.append(c)
            atom = False
        elif c == b"^":
            parts.append(b"(?m:^)" if multiline else rb"\A")
            atom = False
        elif c == b"$":
            parts.append(b"(?m:$)" if multiline else rb"(?:\n?\z)")
            atom = False
        elif c == b".":
            parts.append(b"(?s:.)")
        elif c == b"[":
            found_class = _class(pattern, at, perl)
            if found_class is None:
                return None
            text, at = found_class
            parts.append(text)
        elif c == b"\\":
            escaped = pattern[at : at + 1]
            at += 1
            if not escaped or (_PLAIN.match(escaped) and not (perl and escaped in _PERL)):
                return None
            if not perl and escaped in b"<>`'":  # GNU's anchors
                return None
            parts.append(_PERL[escaped] if escaped in _PERL else _quoted(escaped))
            atom = escaped not in (b"b", b"B")
        elif c == b"{":
            return None  # no quantifier: to some engines itself, to others an error
        else:
            parts.append(_quoted(c))
    if depth:
        return None
    return (b"(?i)" if caseless else b"") + b"(?:" + b"".join(parts) + b")"


def _class(pattern: bytes, at: int, perl: bool) -> tuple[bytes, int] | None:
    """The bracket expression that begins before this place, and where it ends; None: better not."""
    parts = [b"["]
    if pattern[at : at + 1] == b"^":
        parts.append(b"^")
        at += 1
    first = at
    while True:
        c = pattern[at : at + 1]
        if not c:
            return None
        if c == b"]" and at > first:
            parts.append(c)
            return b"".join(parts), at + 1
        if (named := _POSIX_CLASS.match(pattern, at)) is not None:
            parts.append(named[0])
            at = named.end()
            ranged = False
        else:
            if c == b"[" and pattern[at + 1 : at + 2] in (b":", b".", b"="):
                return None
            at += 1
            ranged = True
            if c == b"\\" and perl:
                escaped = pattern[at : at + 1]
                at += 1
                if not escaped or (_PLAIN.match(escaped) and escaped not in _PERL_IN_CLASS):
                    return None
                ranged = escaped not in (b"s", b"d", b"w")
                parts.append(_PERL_IN_CLASS[escaped] if escaped in _PERL_IN_CLASS else _quoted(escaped))
            else:
                parts.append(_quoted(c))
        if pattern[at : at + 1] == b"-" and pattern[at + 1 : at + 2] not in (b"]", b""):
            last = pattern[at + 1 : at + 2]
            # Where case does not count, glibc reads [Z-a] in its own way; all mean the same by a-z, A-Z and 0-9.
            if not ranged or not any(c[:1] in kind and last in kind for kind in _RANGES):
                return None
            parts += (b"-", _quoted(last))
            at += 2


def _quoted(c: bytes) -> bytes:
    return c if _PLAIN.match(c) else b"\\x%02x" % c[0]
