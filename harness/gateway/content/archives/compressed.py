"""compressed - one file under a compression that Python does not bring: zstd, lz4, .Z, lzip, lzop, old .lzma."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of, stem_of
from harness.gateway.content.part import Part

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x28\xb5\x2f\xfd", "zstd", ".zst"),
    (b"\x04\x22\x4d\x18", "lz4", ".lz4"),
    (b"\x1f\x9d", "compress", ".z"),
    (b"LZIP", "lzip", ".lz"),
    (b"\x89LZO\0\r\n\x1a\n", "lzop", ".lzo"),
    (b"\x5d\0\0", "lzma", ".lzma"),  # the usual properties; its dictionary size begins with zeros
)


@archives.register("compressed")
class Compressed:
    """The filters of libarchive, with what comes out taken as it is."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return bool(_filter(part.data)[0])

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        name, suffix = _filter(part.data)
        yield from members_of(
            part.data, name.capitalize(), budget, formats="raw", filters=name, name=stem_of(part, suffix)
        )


def _filter(data: bytes) -> tuple[str, str]:
    for magic, name, suffix in _MAGIC:
        if data.startswith(magic) and len(data) > 13:
            return name, suffix
    return "", ""
