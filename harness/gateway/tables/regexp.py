"""regexp - POSIX extended regular expressions, by the C library's own regcomp(3): the very engine Postfix uses.

In the C locale, whatever that of this process: there bytes above 127 are no letters, and have no case.
"""

from __future__ import annotations

from harness.gateway.patternline import Language, Matcher, MatchFailed, PatternSyntax
from harness.gateway.patterntable import open_patterns
from harness.gateway.posix_regex import EXTENDED, ICASE, NEWLINE, Apart, TooLong, compiled
from harness.gateway.prefilter import translated
from harness.gateway.table import Table, TableContext, tables

_FLAGS = {"i": ICASE, "m": NEWLINE, "x": EXTENDED}


class _Bounded:
    """A pattern whose search is given up after a while."""

    def __init__(self, expression: Apart) -> None:
        self.groups, self._expression = expression.groups, expression

    def find(self, key: bytes) -> tuple[bytes | None, ...] | None:
        """The captured groups if it is found.  Raises MatchFailed."""
        try:
            return self._expression.find(key)
        except TooLong as error:
            raise MatchFailed(str(error)) from None


def _compile(pattern: bytes, letters: str) -> Matcher:
    flags = EXTENDED | ICASE
    for letter in letters:
        flags ^= _FLAGS[letter]
    try:
        expression = compiled(pattern, flags)
    except ValueError as error:
        raise PatternSyntax(str(error)) from None
    return _Bounded(expression) if isinstance(expression, Apart) else expression


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
