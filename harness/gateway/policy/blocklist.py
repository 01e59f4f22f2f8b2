"""blocklist - `zone` and `zone=pattern` of reject_rbl_client and relatives: which answers count as listed."""

from __future__ import annotations

import re
from dataclasses import dataclass

Octets = tuple[frozenset[int], ...]
"""A pattern: for each of the four octets, the values that match."""

_PART = re.compile(r"\[([^\[\]]*)\]|(\d+)")
_RANGE = re.compile(r"(\d+)(?:\.\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Blocklist:
    """A DNS list: the argument as written, the zone, and the pattern of answers that count (None: any)."""

    argument: str
    zone: str
    pattern: Octets | None = None

    def counts(self, answers: tuple[str, ...]) -> bool:
        """Do these A records mean "listed"?  One that matches is enough."""
        if self.pattern is None:
            return True
        return any(matches(self.pattern, answer) for answer in answers)


def parse_pattern(text: str) -> Octets:
    """`127.0.0.2`, `127.0.0.[1..4;9]`, or either of them whole in brackets.

    Raises ValueError in words that say what is wrong.  Source: ip_match(3).
    """
    inner = text
    if text.startswith("[") and text.endswith("]") and text.count("[") == text.count("]") and _wraps(text):
        inner = text[1:-1]
    octets: list[frozenset[int]] = []
    at = 0
    while True:
        part = _PART.match(inner, at)
        if part is None:
            raise ValueError(f'need [0-9] or "[" in address pattern: "{text}"')
        octets.append(_values(part[1], text) if part[1] is not None else frozenset((_octet(part[2], text),)))
        at = part.end()
        if at == len(inner):
            break
        if inner[at] != "." or len(octets) == 4:
            raise ValueError(f'unexpected "{inner[at:]}" in address pattern: "{text}"')
        at += 1
    if len(octets) != 4:
        raise ValueError(f'need four octets in address pattern: "{text}"')
    return tuple(octets)


def matches(pattern: Octets, address: str) -> bool:
    """Does this IPv4 address match?"""
    parts = address.split(".")
    return len(parts) == 4 and all(
        part.isdigit() and int(part) in allowed for part, allowed in zip(parts, pattern, strict=True)
    )


def _wraps(text: str) -> bool:
    """Does the first bracket close only at the end?"""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if depth == 0:
            return at == len(text) - 1
    return False


def _values(text: str, whole: str) -> frozenset[int]:
    values: set[int] = set()
    for item in text.split(";"):
        found = _RANGE.fullmatch(item)
        if found is None:
            raise ValueError(f'bad numbers "{text}" in address pattern: "{whole}"')
        low = _octet(found[1], whole)
        high = _octet(found[2], whole) if found[2] else low
        if low > high:
            raise ValueError(f'bad range "{item}" in address pattern: "{whole}"')
        values.update(range(low, high + 1))
    return frozenset(values)


def _octet(text: str, whole: str) -> int:
    value = int(text)
    if value > 255:
        raise ValueError(f'bad number "{text}" in address pattern: "{whole}"')
    return value
