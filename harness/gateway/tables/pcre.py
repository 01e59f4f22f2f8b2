"""pcre - Perl-compatible regular expressions, by PCRE2 itself."""

from __future__ import annotations

import re
from typing import Any

from harness.gateway.patterntable import Language, PatternSyntax, open_patterns
from harness.gateway.table import Table, TableContext, tables

# Bits of pcre2.h: the Python binding passes on what it has no name for.
_CASELESS, _DOTALL, _MULTILINE, _EXTENDED = 0x8, 0x20, 0x400, 0x80
_ANCHORED, _DOLLAR_ENDONLY, _UNGREEDY = 0x80000000, 0x10, 0x40000
_FLAGS = {
    "i": _CASELESS, "s": _DOTALL, "m": _MULTILINE, "x": _EXTENDED, "A": _ANCHORED, "E": _DOLLAR_ENDONLY,
    "U": _UNGREEDY, "X": 0,
}  # fmt: skip
_BRACED_HEX = re.compile(rb"\\x\{([0-9A-Fa-f]{1,2})\}")


class _Pcre:
    """One compiled expression."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        import pcre2

        # The binding reads \x{41} as JavaScript does, Postfix as Perl does.
        pattern = _BRACED_HEX.sub(lambda found: b"\\x" + found[1].rjust(2, b"0"), pattern)
        try:
            self._pattern: Any = pcre2.compile(pattern, flags)  # type: ignore[no-untyped-call]
        except pcre2.LibraryError as error:
            raise PatternSyntax(f"error in regex: {error}") from None
        self.groups: int = self._pattern.groups
        self._given_up: type[Exception] = pcre2.LibraryError

    def find(self, key: bytes) -> tuple[bytes | None, ...] | None:
        """The captured groups if it is found in the key; a search that outgrows PCRE's limit found nothing."""
        try:
            found = self._pattern.search(key)
        except self._given_up:
            return None
        return None if found is None else tuple(found.groups())


def _compile(pattern: bytes, letters: str) -> _Pcre:
    flags = _CASELESS | _DOTALL
    for letter in letters:
        flags ^= _FLAGS[letter]
    return _Pcre(pattern, flags)


_PCRE = Language("pcre", "imsxAEUX", _compile, second=False)


@tables.register("pcre")
def open_pcre(name: str, rest: str, context: TableContext) -> Table:
    """The table in a file, or in braces.  Raises TableError.  Source: pcre_table(5)."""
    return open_patterns(_PCRE, name, rest, context)
