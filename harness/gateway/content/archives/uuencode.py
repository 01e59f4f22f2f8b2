"""uuencode - files written into text between `begin 644 name` and `end`, in uuencode or base64 lines."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part
from harness.gateway.mime_decode import find_uuencoded


@archives.register("uuencode")
class Uuencode:
    """Any number of them in one text; a `begin` with no data behind it is only a word."""

    @staticmethod
    def recognises(part: Part) -> bool:
        data = part.data
        return data.startswith(b"begin") or b"\nbegin" in data

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        for file in find_uuencoded(part.data):
            if not file.data:
                continue
            budget.member()
            budget.spend(len(file.data))
            yield Member(file.name, file.data)
            if file.defects:
                yield Trouble("unscannable", "Broken.Uuencode", file.name, file.defects[0])
