"""cab - Microsoft's cabinet: stored, MSZIP or LZX files; also at the end of a self-extracting program."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.part import Part

_SPANS = 0x0003  # flags: a previous or a next cabinet


@archives.register("cab")
class Cab:
    """MS-CAB 2.1.  One of a set of cabinets is a fragment, and told."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(b"MSCF\0\0\0\0")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        if int.from_bytes(part.data[30:32], "little") & _SPANS:
            yield Trouble("unscannable", "Split.Cab", detail="one of several cabinets")
        yield from members_of(part.data, "Cab", budget, formats="cab")
