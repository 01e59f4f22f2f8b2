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
    """Named after the archive without its suffix; the name in the header is another, which `gzip -N` and 7-Zip use."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(b"\x1f\x8b\x08")

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        budget.member()
        streams = Streams(part.data, lambda: zlib.decompressobj(31), b"\x1f\x8b", zlib.error)
        data = budget.drain(streams.read, len(part.data))
        budget.spend(len(data))
        yield Member(stem(part.name, ".gz", ".tgz"), data, _header_name(part.data))
        yield from streams.troubles("Gzip")


def _header_name(data: bytes) -> tuple[str, ...]:
    """FNAME, behind FEXTRA (RFC 1952 2.3)."""
    flags = data[3] if len(data) > 10 else 0
    at = 10
    if flags & 4:
        at += 2 + int.from_bytes(data[10:12], "little")
    if not flags & 8:
        return ()
    name = data[at : at + 1024].partition(b"\0")[0].decode("latin-1")
    return (name,) if name else ()
