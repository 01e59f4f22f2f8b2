"""ole - Microsoft's compound files: Word, Excel, Outlook messages, installers; their macros and objects."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.package import packaged
from harness.gateway.content.part import Part
from harness.gateway.content.vba import VbaError, decompress

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_COUNTS = (0x2C, 0x40, 0x48)  # sectors of the FAT, the MiniFAT and the DIFAT (MS-CFB 2.2)
_HARMLESS = "transaction_signature_number"  # some writers count their saves there
_COMPRESSED = b"Attribut"  # how the source of every VBA module begins, after its first token byte


@archives.register("ole")
class Ole:
    """Every stream is an object; the compressed source of a macro is one more (MS-OVBA)."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data.startswith(_MAGIC)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        try:
            import olefile
        except ImportError as error:
            yield Trouble("unscannable", "NoReader.Ole", detail=str(error))
            return
        if any(int.from_bytes(part.data[at : at + 4], "little") > len(part.data) >> 9 for at in _COUNTS):
            # olefile would read round a circle of sectors until it had so many.
            yield Trouble("unscannable", "Broken.Ole", detail="more sectors than the file has")
            return
        reader: Any = olefile.OleFileIO
        with reader(io.BytesIO(part.data)) as ole:
            if ole.root.size > len(part.data):
                yield Trouble("unscannable", "Broken.Ole", detail="more small streams than the file has bytes")
                return
            for path in ole.listdir(streams=True, storages=False):
                budget.member()
                if ole.get_size(path) > len(part.data):
                    # olefile would read round a circle of sectors until the declared size is reached.
                    yield Trouble("unscannable", "Broken.Ole", "/".join(path), "larger than the file")
                    continue
                with ole.openstream(path) as stream:
                    content = budget.drain(stream.read, len(part.data))
                budget.spend(len(content))
                label = "/".join(path)
                yield from _notable(path, content)
                yield Member("", content, label=label)
                yield from _objects(path, content, label)
            yield from _encrypted(ole, len(part.data))
            issues = [str(said) for _, said in ole.parsing_issues if _HARMLESS not in str(said)]
            if issues:
                yield Trouble("unscannable", "Broken.Ole", detail=issues[0][:200])


def _notable(path: list[str], content: bytes) -> Iterator[Trouble]:
    if path[-1].lower() == "encryptedpackage":
        yield Trouble("unscannable", "Encrypted.Office", detail="a document under a password")
    if path[-1].lower() in ("workbook", "book"):
        for kind, body in _records(content):
            if kind == 0x002F:  # FILEPASS
                yield Trouble("unscannable", "Encrypted.Office", detail="a workbook under a password")
                return
            if kind == 0x0085 and len(body) > 5 and body[5] == 1:  # BOUNDSHEET of type macro
                hidden = "a hidden sheet" if body[4] & 3 else "a sheet"
                yield Trouble("suspicious", "Macro.Excel4", detail=f"{hidden} of Excel 4.0 macros")


def _encrypted(ole: Any, most: int) -> Iterator[Trouble]:
    if ole.exists("WordDocument") and ole.get_size("WordDocument") <= most:
        with ole.openstream("WordDocument") as stream:
            header = stream.read(32)
        if len(header) > 11 and header[11] & 1:  # FibBase.fEncrypted
            yield Trouble("unscannable", "Encrypted.Office", detail="a document under a password")


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, body) of the BIFF records at the beginning of a workbook."""
    at = 0
    for _ in range(65536):
        if at + 4 > len(content):
            return
        size = int.from_bytes(content[at + 2 : at + 4], "little")
        yield int.from_bytes(content[at : at + 2], "little"), content[at + 4 : at + 4 + size]
        at += 4 + size


def _objects(path: list[str], content: bytes, label: str) -> Iterator[Member | Trouble]:
    """The source of a macro module, and the file in an embedded package."""
    at = content.find(_COMPRESSED)
    begin = next((at - back for back in (4, 3) if at >= back and content[at - back] == 1), -1)
    if begin >= 0:
        try:
            yield Member("", decompress(content[begin:]), type="text/x-vba", label=f"{label}.vba")
        except VbaError as error:
            yield Trouble("unscannable", "Broken.Vba", label, str(error))
    elif "VBA" in path[:-1] and not path[-1].lower().startswith(("dir", "_vba_project", "__srp")):
        # The source is gone and the compiled code is left: an editor shows nothing, the program runs it.
        yield Trouble("unscannable", "Macro.NoSource", label)
    if path[-1] == "\x01Ole10Native":
        if found := packaged(content[4:]):
            yield Member(*found)
        elif len(content) > 4:
            yield Member("", content[4:], label=f"{label}.native")
