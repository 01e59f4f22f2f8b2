"""lha - LHA and LZH archives (-lh0- to -lh7-, -lz4-, -lhd-), self-extractors aside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.libarchive_reader import members_of
from harness.gateway.content.part import Part

_METHOD = re.compile(rb"-l(?:h[0-9d]|z[s45])-")


@archives.register("lha", "lzh")
class Lha:
    """Known by the method in its first header."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data[2:3] == b"-" and bool(_METHOD.match(part.data, 2)) and len(part.data) > 21

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        yield from members_of(part.data, "Lha", budget, formats="lha")
