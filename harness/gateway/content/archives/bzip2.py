"""bzip2 - one compressed file, or several streams one behind the other."""

from __future__ import annotations

import bz2
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part
from harness.gateway.content.stream import Streams, stem


@archives.register("bzip2", "bz2")
class Bzip2:
    """Known by `BZh`, the block size, and the magic of the first block (or of an empty stream)."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        return data.startswith(b"BZh") and data[4:10] in (b"1AY&SY", b"\x17rE8P\x90")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        budget.member()
        streams = Streams(part.data, bz2.BZ2Decompressor, b"BZh", OSError)
        data = budget.drain(streams.read, len(part.data))
        budget.spend(len(data))
        yield Member(stem(part.name, ".bz2", ".tbz"), data)
        yield from streams.troubles("Bzip2")
