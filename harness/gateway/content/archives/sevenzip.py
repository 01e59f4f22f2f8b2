"""sevenzip - 7z archives: LZMA, LZMA2, PPMd, BZip2, Deflate, and their filters."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.part import Part

_MAGIC = b"7z\xbc\xaf\x27\x1c"


@archives.register("7z", "sevenzip")
class SevenZip:
    """Behind a program or a picture it is found by `embedded`."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_MAGIC)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        if part.name.lower().endswith(".001"):
            yield Trouble("unscannable", "Split.7z", detail="one of several volumes")
        yield from members_of(part.data, "7z", budget, formats="7zip")
