"""pattern - reply patterns, as scenarios write them: CLASS [ENH] [TEXT | /regex/].

250                     that code, whatever it says
2xx    4xx|5xx    any   a class, one of several, any reply
550 5.7.1               and that enhanced status; 5.7.x and 5.x.x leave digits open
554 5.7.1 Relay         and a line of its text starts so
554 5.7.1 /blocked/i    and its text matches (i: in any case)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.errors import ScenarioError
from harness.smtp.reply import Reply

_CLASS = re.compile(r"any|[0-9x]{3}(?:\|[0-9x]{3})*")
_DIGITS = re.compile(r"[2-5][0-9x][0-9x]")
_STATUS = re.compile(r"(?:[245x])(?:\.(?:[0-9]{1,3}|x)){2}")
_SLASHED = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)


@dataclass(frozen=True)
class ReplyPattern:
    """What a reply should be.  `text` is the start of a line of its text; `regex` is searched in all of it."""

    classes: tuple[str, ...]  # "250", "2xx"; empty: any
    status: str = ""
    text: str = ""
    regex: re.Pattern[str] | None = None
    written: str = field(default="", compare=False)

    def matches(self, reply: Reply) -> bool:
        """Is this reply such a one?"""
        if self.classes and not any(_fits(f"{reply.code:03}", digits) for digits in self.classes):
            return False
        if self.status and not _status_fits(reply.status, self.status):
            return False
        if self.text and not any(line.startswith(self.text) for line in reply.lines):
            return False
        return self.regex is None or self.regex.search(reply.text) is not None

    def __str__(self) -> str:
        return self.written


def parse_pattern(text: str) -> ReplyPattern:
    """The pattern that this text writes.  Raises ScenarioError (without a place: the caller knows it)."""
    written = " ".join(text.split()) if "/" not in text else text.strip()
    head, _, rest = written.partition(" ")
    if not _CLASS.fullmatch(head.lower()):
        raise ScenarioError(f"{written!r} is no reply pattern: it starts with a code, 2xx, 4xx|5xx or any")
    classes = () if head.lower() == "any" else tuple(head.lower().split("|"))
    for digits in classes:
        if not _DIGITS.fullmatch(digits):
            raise ScenarioError(f"{digits!r} in {written!r} is no reply code: the first digit is 2 to 5")
    rest = rest.strip()
    status, _, behind = rest.partition(" ")
    if _STATUS.fullmatch(status):
        rest = behind.strip()
        if not any(digits[0] == status[0] or status[0] == "x" for digits in classes or status[0]):
            raise ScenarioError(f"{written!r} can match no reply: status {status} does not go with code {head}")
    else:
        status = ""
    if not rest.startswith("/"):
        return ReplyPattern(classes, status, rest, None, written)
    slashed = _SLASHED.fullmatch(rest)
    if slashed is None or slashed[2].strip("i"):
        raise ScenarioError(f"{written!r}: a regex is written /.../ or /.../i")
    return ReplyPattern(classes, status, "", compile_regex(slashed[1], ignore_case="i" in slashed[2]), written)


def compile_regex(text: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """A regex over a reply, ^ and $ at each of its lines.  Raises ScenarioError."""
    try:
        return re.compile(text, re.MULTILINE | (re.IGNORECASE if ignore_case else 0))
    except re.error as error:
        raise ScenarioError(f"bad regex /{text}/: {error}") from None


def _fits(digits: str, wanted: str) -> bool:
    return all(want in ("x", digit) for digit, want in zip(digits, wanted, strict=False))


def _status_fits(status: str, wanted: str) -> bool:
    numbers = status.split(".")
    return len(numbers) == 3 and all(
        want in ("x", number) for number, want in zip(numbers, wanted.split("."), strict=True)
    )
