"""pdf_filters - undo what the streams of a PDF are packed with (ISO 32000-1 7.4), predictors included."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from operator import add

from harness.gateway.content.budget import KIB, MIB, Budget

_FEED = 64 * KIB


@dataclass(frozen=True, slots=True)
class Predictor:
    """How rows were made to pack better: 2 is TIFF's, 10 and more are those of PNG."""

    kind: int = 1
    colors: int = 1
    bits: int = 8
    columns: int = 1

    def undone(self, data: bytes, budget: Budget) -> bytes:
        """The rows as they were.  Raises ValueError for a layout that nobody writes."""
        if self.kind < 2:
            return data
        width, step = (self.colors * self.bits * self.columns + 7) // 8, max(1, self.colors * self.bits // 8)
        if not 0 < width <= 1 << 20:
            raise ValueError("rows of no sensible length")
        return _tiff(data, width, step, self.bits) if self.kind == 2 else _png(data, width, step, budget)


def inflated(data: bytes, start: int, budget: Budget) -> tuple[bytes, str]:
    """(what the zlib stream from a place on holds, "" or what is wrong); its own end counts, not a word behind it."""
    inflate = [zlib.decompressobj()]
    place, wrong = [start], [""]

    def step(most: int) -> bytes:
        while not inflate[0].eof and not wrong[0]:
            pending = inflate[0].unconsumed_tail
            if not pending:
                pending = data[place[0] : place[0] + _FEED]
                place[0] += len(pending)
                wrong[0] = "" if pending else "torn off"
            before = inflate[0].copy()  # what a call has unpacked when it meets damage is lost with it
            try:
                piece = inflate[0].decompress(pending, most)
            except zlib.error as error:
                wrong[0] = str(error)
                return _as_far(before, pending)
            if piece:
                return piece
        return b""

    return budget.drain(step, len(data) - start), wrong[0]


def decoded(raw: bytes, filters: list[str], predictor: Predictor, budget: Budget) -> tuple[bytes, str]:
    """(content, "" or what is wrong: Broken, Filter).  A picture's own coding is left as it is."""
    wrong = ""
    for name in filters:
        if name in PICTURES:
            return raw, wrong
        try:
            if name in ("FlateDecode", "Fl"):
                raw, said = inflated(raw, 0, budget)
                wrong = wrong or ("Broken" if said else "")
            elif name in _DECODERS:
                raw = _DECODERS[name](raw, budget)
            else:
                return raw, "Filter"
            if name in ("FlateDecode", "Fl", "LZWDecode", "LZW"):
                raw = predictor.undone(raw, budget)
        except (ValueError, binascii.Error):
            return raw, "Broken"
    return raw, wrong


PICTURES = frozenset({"DCTDecode", "DCT", "CCITTFaxDecode", "CCF", "JBIG2Decode", "JPXDecode"})


def _as_far(inflate: zlib._Decompress, packed: bytes) -> bytes:
    """What stands before the damage, bit by bit."""
    out: list[bytes] = []
    with suppress(zlib.error):
        out.extend(inflate.decompress(packed[at : at + 1], MIB) for at in range(len(packed)))
    return b"".join(out)


def _tiff(data: bytes, width: int, step: int, bits: int) -> bytes:
    """Each byte is the difference to that of the pixel on its left; other depths than 8 are left alone."""
    if bits != 8:
        return data
    out: list[bytes] = []
    for at in range(0, len(data), width):
        row = bytearray(data[at : at + width])
        for color in range(step):
            row[color::step] = _running(row[color::step])
        out.append(bytes(row))
    return b"".join(out)


def _png(data: bytes, width: int, step: int, budget: Budget) -> bytes:
    """RFC 2083 6: a byte in front of each row says how it was filtered."""
    out: list[bytes] = []
    above = bytes(width)
    for at in range(0, len(data), width + 1):
        kind, row = data[at], bytearray(data[at + 1 : at + 1 + width])
        if kind == 1:
            for color in range(step):
                row[color::step] = _running(row[color::step])
        elif kind == 2:
            row = bytearray(value & 255 for value in map(add, row, above))
        elif kind in (3, 4):
            budget.check_time()
            for place in range(len(row)):
                left = row[place - step] if place >= step else 0
                corner = above[place - step] if place >= step else 0
                guess = (left + above[place]) // 2 if kind == 3 else _paeth(left, above[place], corner)
                row[place] = (row[place] + guess) & 255
        out.append(bytes(row))
        above = bytes(row).ljust(width, b"\0")
    return b"".join(out)


def _running(values: bytearray) -> bytes:
    """The running sums of a row, as bytes."""
    sums: list[int] = list(accumulate(values, lambda left, right: (left + right) & 255))
    return bytes(sums)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    far = abs(guess - left), abs(guess - above), abs(guess - corner)
    return left if far[0] <= far[1] and far[0] <= far[2] else above if far[1] <= far[2] else corner


def _hex(raw: bytes, budget: Budget) -> bytes:
    digits = b"".join(raw.partition(b">")[0].split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _base85(raw: bytes, budget: Budget) -> bytes:
    return base64.a85decode(b"".join(raw.strip().removeprefix(b"<~").partition(b"~>")[0].split()))


def _run_length(raw: bytes, budget: Budget) -> bytes:
    out = bytearray()
    at = 0
    while at < len(raw) and raw[at] != 128:
        length = raw[at]
        if length < 128:
            out += raw[at + 1 : at + 2 + length]
            at += 2 + length
        else:
            out += raw[at + 1 : at + 2] * (257 - length)
            at += 2
    return bytes(out)


def _lzw(raw: bytes, budget: Budget) -> bytes:
    table = [bytes([code]) for code in range(256)] + [b"", b""]
    out: list[bytes] = []
    size = bits = held = 0
    width, last = 9, b""
    most = min(budget.limits.max_member_bytes, len(raw) * budget.limits.max_ratio + 1024)
    for byte in raw:
        held = held << 8 | byte
        bits += 8
        if bits < width:
            continue
        code = held >> (bits - width)
        bits -= width
        held &= (1 << bits) - 1
        if code == 257:
            break
        if code == 256:
            table, width, last = table[:258], 9, b""
            continue
        if code < len(table):
            entry = table[code]
        elif code == len(table) and last:
            entry = last + last[:1]
        else:
            raise ValueError("no such code")
        out.append(entry)
        size += len(entry)
        if size > most:
            raise ValueError("too much")
        if last and len(table) < 4096:
            table.append(last + entry[:1])
        last = entry
        width = 9 if len(table) < 511 else 10 if len(table) < 1023 else 11 if len(table) < 2047 else 12
    return b"".join(out)


_DECODERS: dict[str, Callable[[bytes, Budget], bytes]] = {
    "ASCIIHexDecode": _hex, "AHx": _hex, "ASCII85Decode": _base85, "A85": _base85, "RunLengthDecode": _run_length,
    "RL": _run_length, "LZWDecode": _lzw, "LZW": _lzw,
}  # fmt: skip
