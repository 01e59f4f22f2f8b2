"""rule - a line somebody wrote: the thing that verdicts, traces, coverage and impact all speak of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a decision is written: file (below the configuration directory), line (from 1; 0 = a default), text."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


def default_rule(text: str) -> Rule:
    """The rule of something nobody wrote: a built-in default of Postfix."""
    return Rule("(default)", 0, text)
