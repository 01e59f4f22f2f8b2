"""pcre - Perl-compatible regular expressions, by PCRE2 itself."""

from __future__ import annotations

import re
from typing import Any

from harness.gateway.patternline import Language, MatchFailed, PatternSyntax
from harness.gateway.patterntable import open_patterns
from harness.gateway.prefilter import translated
from harness.gateway.table import Table, TableContext, tables

# Bits of pcre2.h: the Python binding passes on what it has no name for.
_CASELESS, _DOTALL, _MULTILINE, _EXTENDED = 0x8, 0x20, 0x400, 0x80
_ANCHORED, _DOLLAR_ENDONLY, _UNGREEDY = 0x80000000, 0x10, 0x40000
_FLAGS = {
    "i": _CASELESS, "s": _DOTALL, "m": _MULTILINE, "x": _EXTENDED, "A": _ANCHORED, "E": _DOLLAR_ENDONLY,
    "U": _UNGREEDY,
}  # fmt: skip
_OF_THE_BINDING = 0x2 | 0x100000  # PCRE2_ALT_BSUX, PCRE2_NEVER_BACKSLASH_C: Postfix reads \x{41} and \C as Perl does


_ANY_BYTE = re.compile(rb"(\\Q.*?(?:\\E|\Z))|(\\[^C])|\\C", re.DOTALL)


class _Pcre:
    """One compiled expression."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        import pcre2
        import pcre2._cy as _cy  # what is above it knows no anchored patterns, and puts JavaScript's \u on top

        if b"\\C" in pattern:  # the library was built without it: in bytes it is any one of them
            pattern = _ANY_BYTE.sub(lambda found: found[1] or found[2] or b"(?s:.)", pattern)
        try:
            self._code: Any = _cy.compile(pattern, flags, _OF_THE_BINDING)
        except pcre2.PatternError as error:
            raise PatternSyntax(_words(str(error))) from None
        self._pattern: Any = pcre2.Pattern(self._code, pattern, 0, True, None)  # type: ignore[no-untyped-call]
        _cy.jit_compile(self._code)
        # What Pattern.search does, without looking once more at what kind of string it is: a third of its time.
        self._match: Any = _cy.match
        self._context: Any = pcre2._EMPTY_MATCH_CONTEXT
        self._found: Any = pcre2.Match
        self.groups: int = _cy.pattern_capture_count(self._code)
        self._given_up: type[Exception] = pcre2.LibraryError

    def find(self, key: bytes) -> tuple[bytes | None, ...] | None:
        """The captured groups if it is found in the key.  Raises MatchFailed where PCRE's limits are reached."""
        try:
            data, offset, options = self._match(self._code, key, len(key), 0, self._context, 0)
        except self._given_up as error:
            raise MatchFailed(str(error)) from None
        if not data:
            return None
        return tuple(self._found(data, self._pattern, key, 0, len(key), offset, options).groups())


def _words(error: str) -> str:
    """`compilation failed at position 2; missing closing parenthesis`, as dict_pcre says it."""
    place, _, what = error.partition("; ")
    return f"error in regex at offset {place.rpartition(' ')[2]}: {what}"


def _compile(pattern: bytes, letters: str) -> _Pcre:
    flags = _CASELESS | _DOTALL
    for letter in letters:
        flags ^= _FLAGS[letter]
    return _Pcre(pattern, flags)


def _translate(pattern: bytes, letters: str) -> bytes | None:
    """For the prefilter; flags that only make a pattern fit less often do not matter to it."""
    odd = {letter for letter in letters if letters.count(letter) % 2}
    if "x" in odd:
        return None
    return translated(pattern, perl=True, caseless="i" not in odd, multiline="m" in odd)


_PCRE = Language(
    "pcre", "imsxAEU", _compile, _translate, second=False, backslash_closes=False, unclosed="ignoring",
    below_one="out of range", obsolete="X",
)  # fmt: skip


@tables.register("pcre")
def open_pcre(name: str, rest: str, context: TableContext) -> Table:
    """The table in a file, or in braces.  Raises TableError.  Source: pcre_table(5)."""
    return open_patterns(_PCRE, name, rest, context)
