"""errors - what a user did wrong, where, and the nearest right answer.

Three kinds of trouble, three ways (STYLE.md): the peer's fault is a value, our own fault is an assert,
and the user's fault is a `HarnessError`, which knows the exit status it deserves.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class HarnessError(Exception):
    """The user's fault: `file:line: what is wrong`, never shown with a traceback."""

    exit_status = 3

    def __init__(self, what: str, *, file: str | None = None, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.file, self.line = what, file, line

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return f"{place}: {self.what}" if place else self.what


class UsageError(HarnessError):
    """A command line that cannot be obeyed."""

    exit_status = 2


class ScenarioError(HarnessError):
    """A scenario file that says something no scenario can mean."""


class ConfigError(HarnessError):
    """A gateway configuration at which Postfix, too, would stop: its words, our place."""


class TargetError(HarnessError):
    """The gateway under test would not start, or died."""

    exit_status = 4


class NothingToDo(HarnessError):
    """What was named is there, and there is nothing in it to do: that is no pass."""

    exit_status = 5


class UnknownMember(HarnessError):
    """A name that no member of a family answers to."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known name nearest to this one, else the empty string."""
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
