r"""rtf - objects in rich text: `\objdata` in hexadecimal holds an OLE object, a package with a file, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.package import native_of, packaged
from harness.gateway.content.part import Part

# Word starts an object at `\objdata` or at the class and reads on through groups and blanks.
_OBJECT = re.compile(rb"\\objdata|\\datastore|\\datafield", re.IGNORECASE)
_CONTROL = re.compile(rb"\\(?:'[0-9a-fA-F]{2}|[a-zA-Z]+-?\d* ?|\*|[^a-zA-Z])")
_END = re.compile(rb"\\objdata|\\result|\\object\b", re.IGNORECASE)
_NOT_HEX = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_BINARY = re.compile(rb"\\bin(\d{1,9}) ?")
_HEAD = 1024
_EQUATION = (b"equation.3", b"equation.2")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@archives.register("rtf")
class Rtf:
    r"""`{\rt` is enough for Word.  The OLE 1.0 header in front of the data is cut off where there is one."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return b"{\\rt" in part.data[:_HEAD].lstrip()[:64]

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        for number, begin in enumerate(_OBJECT.finditer(data), 1):
            budget.check_time()  # each reads on to the next one, or to the end of the file
            content = _bytes(data, begin.end())
            if not content:
                continue
            budget.member()
            budget.spend(len(content))
            kind, native = native_of(content)
            yield Trouble("suspicious", "Rtf.Object", detail=kind)
            if any(name in content[:256].lower() for name in _EQUATION):
                yield Trouble("suspicious", "Rtf.Equation", detail="the equation editor")
            at = content.find(_OLE)
            yield Member("", content[at:] if at > 0 else content, label=f"object.{number}")
            if found := packaged(native):
                yield Member(*found)


def _bytes(data: bytes, at: int) -> bytes:
    r"""The bytes from a place on, up to the next object: hexadecimal, but `\binN` has N bytes behind it as they are."""
    pieces: list[bytes] = []
    stop = at - 1
    while True:
        if at > stop:
            end = _END.search(data, at)
            stop = end.start() if end else len(data)
        found = _BINARY.search(data, at, stop)
        if found is None:
            return b"".join([*pieces, _hex(data[at:stop])])
        pieces.append(_hex(data[at : found.start()]))
        at = found.end() + int(found[1])
        pieces.append(data[found.end() : at])


def _hex(text: bytes) -> bytes:
    text = _CONTROL.sub(b"", text).translate(None, _NOT_HEX)
    return bytes.fromhex(text[: len(text) // 2 * 2].decode("ascii"))
