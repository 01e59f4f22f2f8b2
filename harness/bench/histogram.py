"""histogram - latencies as HdrHistogram keeps them: three significant digits, from 1 ns to an hour. Pure.

Written and read in HdrHistogram's own form (V2, compressed), so that its tools read ours.  Source: the sources of
HdrHistogram 2.2.2 (AbstractHistogram.encodeIntoByteBuffer, ZigZagEncoding).  The package of PyPI is the tests' witness,
not ours to install: it brings setuptools and pbr along.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

_DIGITS = 3
_HALF_BITS = 10  # half of the 2048 steps that three digits take, as a power of two
_HALF, _MASK = 1 << _HALF_BITS, (2 << _HALF_BITS) - 1
_LOWEST, _HIGHEST = 1, 3_600_000_000_000  # ns
_PLAIN, _COMPRESSED = 0x1C849313, 0x1C849314  # V2, counts as variable-length integers
_HEADER = struct.Struct(">iiiiqqd")
_OUTER = struct.Struct(">ii")
_NS = 1e9


class Histogram:
    """Counts of values in ns, by the place that stands for the value to three digits."""

    def __init__(self, counts: Iterable[tuple[int, int]] = ()) -> None:
        self.counts: Counter[int] = Counter(dict(counts))

    def record(self, seconds: Iterable[float]) -> Histogram:
        """Count these; what is longer than an hour counts as an hour."""
        self.counts.update(_place(min(max(int(value * _NS), 0), _HIGHEST)) for value in seconds)
        return self

    def add(self, other: Histogram) -> None:
        """Count what another has counted."""
        self.counts.update(other.counts)

    @property
    def total(self) -> int:
        """How many values there are."""
        return self.counts.total()

    def values(self) -> Iterator[tuple[float, int]]:
        """(seconds, how many), in rising order; a value is the highest that its place stands for, as HdrHistogram's."""
        for place in sorted(self.counts):
            yield _highest(place) / _NS, self.counts[place]

    def quantile(self, share: float) -> float:
        """The value, in s, that so large a share of all does not exceed; 0 where there is none."""
        wanted, seen, value = max(1.0, share * self.total), 0, 0.0
        for value, many in self.values():  # noqa: B007 - the last one is asked for
            seen += many
            if seen >= wanted - 1e-9:
                break
        return value

    def encode(self) -> str:
        """HdrHistogram V2, compressed, in base64: what a line of its log ends with."""
        payload, before = bytearray(), 0
        for place in sorted(place for place, many in self.counts.items() if many):
            if place > before:
                payload += _zigzag(before - place)  # so many zeros
            payload += _zigzag(self.counts[place])
            before = place + 1
        plain = _HEADER.pack(_PLAIN, len(payload), 0, _DIGITS, _LOWEST, _HIGHEST, 1.0) + payload
        squeezed = zlib.compress(plain)
        return base64.b64encode(_OUTER.pack(_COMPRESSED, len(squeezed)) + squeezed).decode("ascii")


def decode(text: str) -> Histogram:
    """What `encode` wrote, here or elsewhere with the same digits and unit.  Raises ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
        cookie, length = _OUTER.unpack_from(data)
        plain = zlib.decompress(data[_OUTER.size : _OUTER.size + length]) if cookie == _COMPRESSED else b""
        inner, size, _, digits, lowest, *_ = _HEADER.unpack_from(plain)
    except (ValueError, struct.error, zlib.error) as error:
        raise ValueError(f"no HdrHistogram V2: {error}") from None
    if (inner, digits, lowest) != (_PLAIN, _DIGITS, _LOWEST) or len(plain) != _HEADER.size + size:
        raise ValueError("no HdrHistogram V2 of three digits from 1 ns")
    found, place = Histogram(), 0
    for number in _unzigzagged(plain[_HEADER.size :]):
        if number < 0:
            place -= number
        else:
            found.counts[place] += number
            place += 1
    return found


def _place(value: int) -> int:
    bucket = (value | _MASK).bit_length() - _HALF_BITS - 1
    return ((bucket + 1) << _HALF_BITS) + (value >> bucket) - _HALF


def _highest(place: int) -> int:
    """The highest value of those that this place stands for."""
    bucket, step = (place >> _HALF_BITS) - 1, (place & (_HALF - 1)) + _HALF
    if bucket < 0:
        return step - _HALF
    return ((step + 1) << bucket) - 1


def _zigzag(number: int) -> bytes:
    """A whole number in groups of seven bits, the lowest first; its sign is its lowest bit."""
    value, made = (number << 1) if number >= 0 else ((-number << 1) - 1), bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _unzigzagged(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield (value >> 1) ^ -(value & 1)
            value = shift = 0
    if shift:
        raise ValueError("the counts of the histogram end in mid-number")
