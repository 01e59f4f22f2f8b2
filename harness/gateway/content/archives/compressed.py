"""compressed - one file under a compression that Python does not bring: zstd, lz4, .Z, lzip, lzop, old .lzma."""

from __future__ import annotations

import lzma
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import MIB, Budget
from harness.gateway.content.libarchive_reader import members_of, stem_of
from harness.gateway.content.part import Part
from harness.gateway.content.stream import Streams

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x28\xb5\x2f\xfd", "zstd", ".zst"),
    (b"\x04\x22\x4d\x18", "lz4", ".lz4"),
    (b"\x1f\x9d", "compress", ".z"),
    (b"LZIP", "lzip", ".lz"),
    (b"\x89LZO\0\r\n\x1a\n", "lzop", ".lzo"),
)


_USUAL = b"\x5d\0\0"  # the properties that every packer chooses, and a dictionary of 64 KiB or more
_MEMORY = 64 * MIB


@archives.register("compressed")
class Compressed:
    """The filters of libarchive, with what comes out taken as it is; .lzma by liblzma itself."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return bool(_filter(part.data)[0])

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        name, suffix = _filter(part.data)
        if name == "lzma":
            yield from _lzma(part, budget)
            return
        yield from members_of(
            part.data, name.capitalize(), budget, formats="raw", filters=name, name=stem_of(part, suffix)
        )


def _filter(data: bytes) -> tuple[str, str]:
    for magic, name, suffix in _MAGIC:
        if data.startswith(magic) and len(data) > 13:
            return name, suffix
    return ("lzma", ".lzma") if _is_lzma(data) else ("", "")


def _lzma(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
    """What only looks like the format (any file of small numbers may) gives nothing, and is no trouble then."""
    data = part.data
    budget.member()
    if not data.startswith(_USUAL) and int.from_bytes(data[1:5], "little") > _MEMORY:
        yield Trouble("unscannable", "Limits.Lzma", detail="a dictionary too large to unpack with")
        return

    def make() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=2 * _MEMORY)

    streams = Streams(data, make, b"", lzma.LZMAError)
    content = budget.drain(streams.read, len(data))
    budget.spend(len(content))
    if not content and streams.broken and not data.startswith(_USUAL):
        return
    yield Member(stem_of(part, ".lzma"), content)
    if streams.broken or streams.torn:
        yield Trouble("unscannable", "Broken.Lzma", detail="torn off" if streams.torn else "damaged")


def _is_lzma(data: bytes) -> bool:
    """LZMA_Alone has no magic: properties, a dictionary of a size that packers choose, a size or -1, and a first byte
    of zero.  These are the tests of xz itself (liblzma's alone_decoder.c).
    """
    if len(data) <= 13 or data[0] >= 9 * 5 * 5 or data[13]:
        return False
    dictionary, size = int.from_bytes(data[1:5], "little"), int.from_bytes(data[5:13], "little")
    if dictionary != 0xFFFFFFFF:
        top = 1 << max(dictionary.bit_length() - 1, 0)
        if dictionary < 4096 or dictionary not in (top, top | top >> 1):
            return False
    return size == 2**64 - 1 or size < 2**38
