"""rtf_packed - the rich text of Outlook's mails, packed as MS-OXRTFCP says: in winmail.dat and in .msg files."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import KIB, Budget
from harness.gateway.content.part import Part

_PACKED, _PLAIN = b"LZFu", b"MELA"
_HEAD, _WINDOW = 16, 4096
_BEGINNING = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)  # fmt: skip
"""What the window holds before anything is unpacked (2.1.2.1)."""


@archives.register("rtf_packed", "lzfu")
class RtfPacked:
    """Copies from a window of 4096 bytes that begins with the usual words; a copy from where it writes is the end."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data[8:12] in (_PACKED, _PLAIN) and len(part.data) > _HEAD

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        size = int.from_bytes(data[4:8], "little")
        budget.member()
        if data[8:12] == _PLAIN:
            content = data[_HEAD : _HEAD + size]
        else:
            pieces = _expanded(data)
            content = budget.drain(lambda _: next(pieces, b""), len(data))
        budget.spend(len(content))
        yield Member("", content, type="text/rtf", label="text.rtf")
        if len(content) < size:
            yield Trouble("unscannable", "Broken.Rtf_packed", detail="torn off")


def _expanded(data: bytes) -> Iterator[bytes]:
    window = bytearray(_BEGINNING.ljust(_WINDOW, b"\0"))
    place, at = len(_BEGINNING), _HEAD
    out = bytearray()
    while at < len(data):
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                run = bytearray(data[at : at + 1])
                at += 1
            else:
                token = int.from_bytes(data[at : at + 2], "big")
                at += 2
                start, length = token >> 4, (token & 15) + 2
                if start == place or at > len(data):
                    yield bytes(out)
                    return
                run = bytearray()
                for step in range(length):  # a copy may run into what it writes
                    byte = window[(start + step) % _WINDOW]
                    window[(place + step) % _WINDOW] = byte
                    run.append(byte)
            for byte in run:
                window[place] = byte
                place = (place + 1) % _WINDOW
            out += run
        if len(out) >= 64 * KIB:
            yield bytes(out)
            out.clear()
    yield bytes(out)
