"""xz - one compressed file in the .xz container, or several streams one behind the other."""

from __future__ import annotations

import lzma
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import MIB, Budget
from harness.gateway.content.part import Part
from harness.gateway.content.stream import Streams, stem

_MEMORY = 64 * MIB  # a dictionary larger than `xz -9` uses is refused, and told


@archives.register("xz")
class Xz:
    """The decoder's memory is bounded, as is its output."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(b"\xfd7zXZ\x00")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        budget.member()
        streams = Streams(
            part.data, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY), b"\xfd7zXZ", lzma.LZMAError
        )
        data = budget.drain(streams.read, len(part.data))
        budget.spend(len(data))
        yield Member(stem(part.name, ".xz", ".txz"), data)
        yield from streams.troubles("Xz")
