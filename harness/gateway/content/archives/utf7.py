"""utf7 - a text that hides its angle brackets in UTF-7 (RFC 2152), read as whoever believes the charset reads it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import MIB, Budget
from harness.gateway.content.part import Part

_BRACKET = b"+ADw"  # `<`, alone or with what follows it


@archives.register("utf7")
class Utf7:
    """Known by a `<` in its own spelling; whether UTF-7 was declared is nothing to go by, for some readers guess."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.type.startswith("text/") and _BRACKET in part.data and part.data.isascii()

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        budget.member()
        decoder = codecs.getincrementaldecoder("utf-7")("replace")
        places = iter(range(0, len(part.data), MIB))

        def step(_: int) -> bytes:
            at = next(places, None)
            if at is None:
                return b""
            return decoder.decode(part.data[at : at + MIB], at + MIB >= len(part.data)).encode("utf-8", "replace")

        text = budget.drain(step, len(part.data))
        budget.spend(len(text))
        yield Member(part.name, text, part.names[1:], type=part.type, label="utf-7")
