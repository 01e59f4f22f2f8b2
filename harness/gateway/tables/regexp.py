"""regexp - POSIX extended regular expressions, by the C library's own regcomp(3): the very engine Postfix uses.

In the C locale, whatever that of this process: there bytes above 127 are no letters, and have no case.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import weakref
from functools import cache

from harness.gateway.patternline import Language, PatternSyntax
from harness.gateway.patterntable import open_patterns
from harness.gateway.prefilter import translated
from harness.gateway.table import Table, TableContext, tables

_EXTENDED, _ICASE, _NEWLINE = 1, 2, 4  # <regex.h> of glibc and musl
_ROOM = 256  # bytes; regex_t has 64 in glibc, 56 in musl
_FLAGS = {"i": _ICASE, "m": _NEWLINE, "x": _EXTENDED}
_CTYPE_AND_COLLATE = 1 | 8  # <locale.h> of both: what a pattern is compiled by


class _Span(ctypes.Structure):
    _fields_ = (("start", ctypes.c_int), ("end", ctypes.c_int))


@cache
def _libc() -> ctypes.PyDLL:
    """PyDLL keeps the interpreter's lock: for short subjects releasing it costs more than the match."""
    libc = ctypes.PyDLL(ctypes.util.find_library("c"))
    libc.regexec.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
    libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
    libc.newlocale.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    libc.uselocale.argtypes = (ctypes.c_void_p,)
    return libc


@cache
def _c_locale() -> int | None:
    found: int | None = _libc().newlocale(_CTYPE_AND_COLLATE, b"C", None)
    return found


class _Regex:
    """One compiled expression; freed with the object."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        self._memory = ctypes.create_string_buffer(_ROOM)
        before = _libc().uselocale(_c_locale())
        status = _libc().regcomp(self._memory, pattern, flags)
        _libc().uselocale(before)
        if status:
            text = ctypes.create_string_buffer(200)
            _libc().regerror(status, self._memory, text, len(text))
            raise PatternSyntax(text.value.decode("utf-8", "replace"))
        weakref.finalize(self, _libc().regfree, self._memory)
        self.groups = int.from_bytes(self._memory.raw[48:56], "little")  # re_nsub follows six words in glibc
        self._spans = (_Span * (self.groups + 1))()

    def find(self, key: bytes) -> tuple[bytes | None, ...] | None:
        """The captured groups if the expression is found in the key."""
        if _libc().regexec(self._memory, key, len(self._spans), self._spans, 0):
            return None
        return tuple(None if span.start < 0 else key[span.start : span.end] for span in self._spans[1:])


def _compile(pattern: bytes, letters: str) -> _Regex:
    flags = _EXTENDED | _ICASE
    for letter in letters:
        flags ^= _FLAGS[letter]
    return _Regex(pattern, flags)


def _translate(pattern: bytes, letters: str) -> bytes | None:
    """For the prefilter."""
    odd = {letter for letter in letters if letters.count(letter) % 2}
    if "x" in odd:  # no extended expression
        return None
    return translated(pattern, perl=False, caseless="i" not in odd, multiline="m" in odd)


_REGEXP = Language(
    "regexp",
    "imx",
    _compile,
    _translate,
    second=True,
    backslash_closes=True,
    unclosed="skipping",
    below_one="out-of-range",
)


@tables.register("regexp")
def open_regexp(name: str, rest: str, context: TableContext) -> Table:
    """The table in a file, or in braces.  Raises TableError.  Source: regexp_table(5)."""
    return open_patterns(_REGEXP, name, rest, context)
