"""lzhuf - LZ77 with two Huffman codes, block by block: methods 1 to 3 of ARJ (and -lh6- of LHA, whose scheme it is)."""

from __future__ import annotations

from collections.abc import Iterator

_LITERALS, _POSITIONS, _LENGTHS = 510, 17, 19
_SHORTEST = 3
_PIECE = 64 * 1024


class LzhufError(Exception):
    """The codes make no sense."""


def expand(data: bytes, size: int, window: int) -> Iterator[bytes]:
    """`size` bytes in pieces of about 64 KiB.  Raises LzhufError; ends early where the data does."""
    bits = _Bits(data)
    history = bytearray()
    given = left = 0
    literals = positions = _Code([0], 0)
    while given + len(history) < size:
        if not left:
            left = bits.take(16)
            if not left or bits.over:
                break
            lengths = _Code.read(bits, _LENGTHS, 5, 3)
            literals = _Code.read_literals(bits, lengths)
            positions = _Code.read(bits, _POSITIONS, 5, -1)
        left -= 1
        code = literals.next(bits)
        if bits.over:
            break
        if code < 256:
            history.append(code)
        else:
            length = code - 256 + _SHORTEST
            slot = positions.next(bits)
            if slot > _POSITIONS:
                raise LzhufError("no such position")
            back = (1 << (slot - 1)) + bits.take(slot - 1) if slot > 1 else slot
            if back >= len(history):
                raise LzhufError("a copy from before the beginning")
            start = len(history) - back - 1
            for step in range(length):
                history.append(history[start + step])
        if len(history) >= _PIECE + window:
            yield bytes(history[:_PIECE])
            del history[:_PIECE]
            given += _PIECE
    yield bytes(history[: size - given])


class _Bits:
    """Bits from the highest of each byte on; zeros behind the end, which `over` tells."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.held, self.count = data, 0, 0, 0

    @property
    def over(self) -> bool:
        return self.at > len(self.data) + 8

    def peek(self, wanted: int) -> int:
        while self.count < wanted:
            byte = self.data[self.at] if self.at < len(self.data) else 0
            self.held = (self.held << 8 | byte) & 0xFFFFFFFF
            self.at += 1
            self.count += 8
        return self.held >> (self.count - wanted) & ((1 << wanted) - 1)

    def take(self, wanted: int) -> int:
        value = self.peek(wanted) if wanted else 0
        self.count -= wanted
        return value


class _Code:
    """A canonical Huffman code, as a table of (symbol, length) by the next 16 bits of its longest codes."""

    def __init__(self, lengths: list[int], only: int | None = None) -> None:
        self.only = only
        self.by_length: dict[tuple[int, int], int] = {}
        self.longest = max(lengths, default=0)
        code = 0
        for length in range(1, 17):
            for symbol, its in enumerate(lengths):
                if its == length:
                    self.by_length[length, code] = symbol
                    code += 1
            code <<= 1

    def next(self, bits: _Bits) -> int:
        if self.only is not None:
            return self.only
        ahead = bits.peek(16)
        for length in range(1, self.longest + 1):
            symbol = self.by_length.get((length, ahead >> (16 - length)))
            if symbol is not None:
                bits.take(length)
                return symbol
        raise LzhufError("no such code")

    @classmethod
    def read(cls, bits: _Bits, most: int, width: int, special: int) -> _Code:
        """The lengths of a small code: three bits each, ones for more; after the third, two bits of zeros."""
        count = bits.take(width)
        if not count:
            return cls([], bits.take(width))
        if count > most:
            raise LzhufError("too many symbols")
        lengths: list[int] = []
        while len(lengths) < count:
            length = bits.peek(16) >> 13
            if length == 7:
                ahead = bits.peek(16)
                mask = 1 << 12
                while mask & ahead:
                    mask >>= 1
                    length += 1
            if length > 16:
                raise LzhufError("a code that is too long")
            bits.take(3 if length < 7 else length - 3)
            lengths.append(length)
            if len(lengths) == special:
                lengths += [0] * bits.take(2)
        return cls(lengths[:most])

    @classmethod
    def read_literals(cls, bits: _Bits, small: _Code) -> _Code:
        """The lengths of the literals and copy lengths, themselves in the small code, with runs of zeros."""
        count = bits.take(9)
        if not count:
            return cls([], bits.take(9))
        lengths: list[int] = []
        while len(lengths) < min(count, _LITERALS):
            symbol = small.next(bits)
            if bits.over:
                raise LzhufError("torn off")
            if symbol > 18:
                raise LzhufError("a code that is too long")
            if symbol > 2:
                lengths.append(symbol - 2)
            else:
                lengths += [0] * (1 if symbol == 0 else bits.take(4) + 3 if symbol == 1 else bits.take(9) + 20)
        return cls(lengths[:_LITERALS])
