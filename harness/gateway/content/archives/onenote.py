"""onenote - files embedded in a OneNote section: a script behind a picture that says "double click" (MS-ONESTORE)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

_SECTION = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
_FILE = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")  # header of a FileDataStoreObject
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"\x01\0\0\0")


@archives.register("onenote")
class OneNote:
    """Each FileDataStoreObject: its header, the length, twelve bytes of nothing, the file."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_SECTION)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data, number = part.data, 0
        at = data.find(_FILE)
        while at >= 0:
            number += 1
            size = int.from_bytes(data[at + 16 : at + 24], "little")
            content = data[at + 36 : at + 36 + size]
            budget.member()
            budget.spend(len(content))
            if not content.startswith(_PICTURES):
                yield Trouble("suspicious", "OneNote.Embedded", detail=f"file {number} is no picture")
            yield Member("", content, label=f"file.{number}")
            if len(content) < size:
                yield Trouble("unscannable", "Broken.Onenote", detail="torn off")
            at = data.find(_FILE, at + 36 + len(content))
