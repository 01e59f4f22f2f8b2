"""option - numbers on the command line, within their bounds: what is out of them is wrong usage, said at once. Pure."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Callable


def whole(least: int) -> Callable[[str], int]:
    """A type for argparse: a whole number, so many or more."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise ArgumentTypeError(f"expects a whole number, {least} or more, got {text!r}")
        return number

    return parse


def processes(text: str) -> int:
    """A type for argparse: how many processes, 1 or more; `auto`: one for each processor that we may use."""
    if text == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        return whole(1)(text)
    except ArgumentTypeError:
        raise ArgumentTypeError(f"expects a number of processes or `auto`, got {text!r}") from None


def seconds(text: str) -> float:
    """A type for argparse: a time in seconds, 0 or more.  `nan` and `inf` are none: nothing would ever happen."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ArgumentTypeError(f"expects a number of seconds, 0 or more, got {text!r}")
    return number


def percent(text: str) -> float:
    """A type for argparse: 0 to 100.  `nan` is no number: nothing is ever below it."""
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise ArgumentTypeError(f"expects a percentage, 0 to 100, got {text!r}")
    return number
