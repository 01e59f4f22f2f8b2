"""activemime - editdata.mso: the macros of a document that was saved as a page or as XML, packed behind a header."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part
from harness.gateway.content.pdf_filters import inflated

_MAGIC = b"ActiveMime"


@archives.register("activemime")
class ActiveMime:
    """A header of some fifty bytes, of which one says how long it is; then a zlib stream, and in it a compound file."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_MAGIC)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        declared = int.from_bytes(data[0x1E:0x20], "little") + 46
        places = (at for at in (declared, 0x32, 0x22A, data.find(b"\x78")) if 0 < at < len(data) and data[at] & 15 == 8)
        at = next(places, 0)
        budget.member()
        content, wrong = inflated(data, at, budget) if at else (b"", "no packed content")
        budget.spend(len(content))
        if wrong:
            yield Trouble("unscannable", "Broken.Activemime", detail=wrong)
        if content:
            yield Member("", content, label="content")
