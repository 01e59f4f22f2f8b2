"""pdf - streams of a PDF, decoded wherever they are: what a cross-reference table hides, some reader finds."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part
from harness.gateway.content.pdf_names import unescaped

_STREAM = re.compile(rb"stream\r?\n")
_FILTER = re.compile(rb"/(FlateDecode|Fl|ASCIIHexDecode|AHx|ASCII85Decode|A85|LZWDecode|LZW|RunLengthDecode|RL|Crypt|"
                     rb"DCTDecode|DCT|CCITTFaxDecode|CCF|JBIG2Decode|JPXDecode)\b")  # fmt: skip
_PICTURES = frozenset({"DCTDecode", "DCT", "CCITTFaxDecode", "CCF", "JBIG2Decode", "JPXDecode"})
_HEAD = 1024  # how far into a file Adobe's reader looks for the header
_DICTIONARY = 2048


@archives.register("pdf")
class Pdf:
    """ISO 32000-1 7.4: Flate, hexadecimal, base 85 and run lengths are undone, in the order the stream names them."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return b"%PDF-" in part.data[: _HEAD + 5]

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        if data.find(b"%PDF-") > 16:
            yield Trouble("suspicious", "Polyglot.Pdf", detail=f"{data.find(b'%PDF-')} bytes in front of it")
        plain = unescaped(data)
        if re.search(rb"/Encrypt[\s\d<]", plain):
            yield Trouble("unscannable", "Encrypted.Pdf")
            return
        for number, begin in enumerate(_STREAM.finditer(data), 1):
            if data[begin.start() - 3 : begin.start()] == b"end":
                continue
            end = data.find(b"endstream", begin.end())
            raw = data[begin.end() : end if end >= 0 else len(data)]
            about = unescaped(_dictionary(data, begin.start()))
            filters = [name.decode("ascii") for name in _FILTER.findall(about)]
            if filters and filters[-1] in _PICTURES and len(filters) == 1:
                continue
            budget.member()
            content, trouble = _decoded(raw, filters, budget)
            budget.spend(len(content))
            if end < 0:
                yield Trouble("unscannable", "Broken.Pdf", f"stream.{number}", "torn off")
            elif trouble:
                yield Trouble("unscannable", f"{trouble}.Pdf", f"stream.{number}", " ".join(filters))
            if content:
                kind = "application/x-pdf-objects" if b"/ObjStm" in about else ""
                yield Member("", content, type=kind, label=f"stream.{number}")


def _dictionary(data: bytes, at: int) -> bytes:
    """What stands before a stream, from its `obj` on."""
    before = data[max(0, at - _DICTIONARY) : at]
    return before[before.rfind(b"obj") + 3 :]


def _decoded(raw: bytes, filters: list[str], budget: Budget) -> tuple[bytes, str]:
    """(content, what is wrong).  A picture's own coding is left as it is."""
    for name in filters:
        if name in _PICTURES:
            return raw, ""
        if name not in _DECODERS:
            return raw, "Filter"
        try:
            raw = _DECODERS[name](raw, budget)
        except (ValueError, zlib.error, binascii.Error):
            return raw, "Broken"
    return raw, ""


def _flate(raw: bytes, budget: Budget) -> bytes:
    inflate = zlib.decompressobj()
    pending = [raw]

    def step(most: int) -> bytes:
        while pending[0] and not inflate.eof:
            piece = inflate.decompress(pending[0], most)
            pending[0] = inflate.unconsumed_tail
            if piece:
                return piece
        return b""

    return budget.drain(step, len(raw))


def _hex(raw: bytes, budget: Budget) -> bytes:
    digits = b"".join(raw.partition(b">")[0].split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _base85(raw: bytes, budget: Budget) -> bytes:
    return base64.a85decode(b"".join(raw.partition(b"~>")[0].split()))


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
    "FlateDecode": _flate, "Fl": _flate, "ASCIIHexDecode": _hex, "AHx": _hex, "ASCII85Decode": _base85, "A85": _base85,
    "RunLengthDecode": _run_length, "RL": _run_length, "LZWDecode": _lzw, "LZW": _lzw,
}  # fmt: skip
