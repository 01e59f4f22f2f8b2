"""choice - which sessions the expressions of -k and -m choose, where pytest itself is not the runner. Pure.

The grammar is pytest's: words, `and`, `or`, `not`, parentheses.  A word of -k is a part of a name, in any case; one of
-m is a whole tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from harness.errors import UsageError

Chosen = Callable[[Collection[str]], bool]

_TOKEN = re.compile(r"\s*([()]|[\w:+\-.\[\]\\/]+|\S)")
_WORD = re.compile(r"[\w:+\-.\[\]\\/]+")


def named(text: str) -> Chosen:
    """Of -k: asked of the names of a session.  Raises UsageError; "" chooses all."""
    return _parsed("-k", text, lambda word: lambda names: any(word.lower() in name.lower() for name in names))


def tagged(text: str) -> Chosen:
    """Of -m: asked of the tags of a session.  Raises UsageError; "" chooses all."""
    return _parsed("-m", text, lambda word: lambda tags: word in tags)


def _parsed(option: str, text: str, leaf: Callable[[str], Chosen]) -> Chosen:
    if not text.strip():
        return lambda names: True
    tokens = [*_TOKEN.findall(text), ""][::-1]  # the next one is the last

    def either() -> Chosen:
        found = both()
        while tokens[-1] == "or":
            tokens.pop()
            found = _or(found, both())
        return found

    def both() -> Chosen:
        found = one()
        while tokens[-1] == "and":
            tokens.pop()
            found = _and(found, one())
        return found

    def one() -> Chosen:
        token = tokens.pop()
        if token == "not":
            inner = one()
            return lambda names: not inner(names)
        if token == "(":
            inner = either()
            if tokens.pop() == ")":
                return inner
        elif token not in ("and", "or") and _WORD.fullmatch(token):
            return leaf(token)
        raise UsageError(f"{option}: expects words with `and`, `or`, `not` and parentheses, got {text!r}")

    chosen = either()
    if tokens != [""]:
        raise UsageError(f"{option}: expects `and` or `or` before {tokens[-1]!r}, got {text!r}")
    return chosen


def _or(first: Chosen, second: Chosen) -> Chosen:
    return lambda names: first(names) or second(names)


def _and(first: Chosen, second: Chosen) -> Chosen:
    return lambda names: first(names) and second(names)
