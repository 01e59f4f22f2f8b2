"""gzip - RFC 1952: one compressed file, or several streams one behind the other."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part
from harness.gateway.content.stream import Streams, stem


@archives.register("gzip", "gz")
class Gzip:
    """Named after the archive without its suffix, whatever name the header claims."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(b"\x1f\x8b\x08")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        budget.member()
        streams = Streams(part.data, lambda: zlib.decompressobj(31), b"\x1f\x8b", zlib.error)
        data = budget.drain(streams.read, len(part.data))
        budget.spend(len(data))
        yield Member(stem(part.name, ".gz", ".tgz"), data)
        yield from streams.troubles("Gzip")
