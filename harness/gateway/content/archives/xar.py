"""xar - the archive of macOS installers (.pkg)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.part import Part


@archives.register("xar")
class Xar:
    """A compressed table of contents in XML, then the files."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(b"xar!")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        yield from members_of(part.data, "Xar", budget, formats="xar")
