"""iso - ISO 9660 images with their Joliet and Rock Ridge names: what drops the mark of the web from its files."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.part import Part

_DESCRIPTORS = 0x8000  # sector 16


@archives.register("iso")
class Iso:
    """A UDF file system in the same image is another list of files, which nothing here reads."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data[_DESCRIPTORS + 1 : _DESCRIPTORS + 6] == b"CD001"

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        yield Trouble("suspicious", "Type.DiskImage", detail="ISO 9660")
        if b"NSR0" in part.data[_DESCRIPTORS : _DESCRIPTORS + 0x8000]:
            yield Trouble("unscannable", "NoReader.Udf", detail="a UDF file system beside ISO 9660")
        yield from members_of(part.data, "Iso", budget, formats="iso9660")
