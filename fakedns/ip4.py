"""ip4 - IPv4 addresses as rbldnsd(8) writes them: whole, in part, with a mask, or as a range; and reversed in names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from socket import inet_aton

from fakedns.dataset import LineError

_ENTRY = re.compile(r"(?P<first>[0-9.]+)(?:/(?P<bits>[0-9]*)|-(?P<last>[0-9.]*))?(?P<rest>.*)", re.DOTALL)

_PLAIN = re.compile(r"(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}", re.ASCII)


def read_range(entry: str, *, networks: bool = False) -> tuple[int, int, str]:
    """(first, last, what follows) of an entry: `10.0.0.5`, `10.0.0`, `10/8`, `10.0.0.1-10.0.1.3`, `10.0-3`.

    With `networks`, the two kinds of range are refused.  Raises LineError.  Source: rbldnsd(8), ip4set.
    """
    match = _ENTRY.match(entry)
    if match is None:
        raise LineError("invalid address")
    rest = match["rest"]
    if rest and not (rest[0].isspace() or rest[0] in ":;#"):
        raise LineError("invalid address")
    octets = _octets(match["first"])
    first = int.from_bytes(bytes((*octets, *[0] * (4 - len(octets)))), "big")
    bits = 8 * len(octets)
    if match["bits"] is not None:
        if not match["bits"] or int(match["bits"]) > 32:
            raise LineError("invalid address")
        bits = int(match["bits"])
    elif match["last"] is not None:
        if networks:
            raise LineError("invalid address")
        return first, _last(octets, match["last"]), rest.lstrip()
    elif len(octets) == 1:
        raise LineError("invalid address")
    span = (1 << 32 - bits) - 1
    if first & span:
        raise LineError("invalid range (non-zero host part)")
    return first, first | span, rest.lstrip()


def plain_address(entry: str) -> int | None:
    """The number of an entry that is nothing but a whole address: the short way for long lists."""
    if _PLAIN.fullmatch(entry) is None:
        return None
    try:
        return int.from_bytes(inet_aton(entry), "big")
    except OSError:
        return None


def in_masks(first: int, last: int) -> Iterator[tuple[int, int]]:
    """A range as (network, prefix length) pairs of 8, 16, 24 and 32 bits, in order."""
    while first <= last:
        for bits in (8, 16, 24, 32):
            size = 1 << 32 - bits
            if not first & size - 1 and first + size - 1 <= last:
                break
        yield first, bits
        first += size


def from_name(name: str) -> int | None:
    """The address of a reversed name such as `7.2.0.192`; None if it is none."""
    labels = name.split(".")
    if len(labels) != 4:
        return None
    value = 0
    for label in reversed(labels):
        if not (0 < len(label) <= 3 and label.isascii() and label.isdigit()) or (octet := int(label)) > 255:
            return None
        value = value << 8 | octet
    return value


def shown(value: int) -> str:
    """An address as it is written."""
    return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"


def _last(octets: list[int], text: str) -> int:
    """The end of a range: as many octets as the beginning has, or its last one only."""
    ends = _octets(text)
    if len(ends) == 1:
        ends = [*octets[:-1], *ends]
    if len(ends) != len(octets) or ends < octets:
        raise LineError("invalid address")
    return int.from_bytes(bytes((*ends, *[255] * (4 - len(ends)))), "big")


def _octets(text: str) -> list[int]:
    parts = text.split(".")
    if len(parts) > 4 or not all(0 < len(part) <= 3 for part in parts):
        raise LineError("invalid address")
    octets = [int(part) for part in parts]
    if max(octets) > 255:
        raise LineError("invalid address")
    return octets
