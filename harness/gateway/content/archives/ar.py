"""ar - the Unix archive: Debian packages and static libraries."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.part import Part


@archives.register("ar")
class Ar:
    """Its members may be archives in turn (data.tar.xz of a .deb)."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(b"!<arch>\n")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        yield from members_of(part.data, "Ar", budget, formats="ar")
