"""cpio - the Unix archive in its ASCII and binary forms."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.part import Part


@archives.register("cpio")
class Cpio:
    """Known by the six digits of each header, or by the two bytes of the old binary one."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith((b"070701", b"070702", b"070707")) or part.data[:2] in (b"\xc7\x71", b"\x71\xc7")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        yield from members_of(part.data, "Cpio", budget, formats="cpio")
