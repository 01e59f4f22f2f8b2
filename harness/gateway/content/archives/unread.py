"""unread - formats that hold files and that nothing here can take apart: named, and never called clean."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part

# (offset, magic, name, whether it is the image of a disk)
_KNOWN: tuple[tuple[int, bytes, str, bool], ...] = (
    (7, b"**ACE**", "Ace", False),
    (0, b"ALZ\x01", "Alz", False),
    (0, b"EGGA", "Egg", False),
    (0, b"ITSF\x03\0\0\0", "Chm", False),
    (0, b"MSWIM\0\0\0", "Wim", False),
    (20, b"\xdc\xa7\xc4\xfd", "Zoo", False),
    (0, b"StuffIt (c)", "StuffIt", False),
    (0, b"SIT!", "StuffIt", False),
    (0, b"FWS", "Flash", False),
    (0, b"CWS", "Flash", False),
    (0, b"\xed\xab\xee\xdb", "Rpm", False),
    (0, b"PK\x07\x08PK\x03\x04", "SplitZip", False),
    (0, b"vhdxfile", "Vhdx", True),
    (0, b"conectix", "Vhd", True),
    (0, b"KDMV", "Vmdk", True),
    (0, b"QFI\xfb", "Qcow", True),
    (32769, b"BEA01", "Udf", True),
)
_TRAILERS = ((b"conectix", "Vhd"), (b"koly", "Dmg"))  # 512 bytes before the end


@archives.register("unread")
class Unread:
    """Also one piece of a split archive (`.001`, `.z01`, `.part2.rar`): the rest is in other mails."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return bool(_format(part)[0])

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        name, disk = _format(part)
        if disk:
            yield Trouble("suspicious", "Type.DiskImage", detail=name)
        yield Trouble(
            "unscannable", name if "." in name else f"NoReader.{name}", detail="nothing here reads this format"
        )


def _format(part: Part) -> tuple[str, bool]:
    """(what it is, whether it is a disk), or ("", False)."""
    data = part.data
    for offset, magic, name, disk in _KNOWN:
        if data.startswith(magic, offset):
            if name == "Flash" and data[8:9] != b"\x78" and int.from_bytes(data[4:8], "little") != len(data):
                continue  # three letters may begin a text
            return name, disk
    tail = data[-512:-504]
    for magic, name in _TRAILERS:
        if tail.startswith(magic):
            return name, True
    if (
        data[510:512] == b"\x55\xaa"
        and data[:1] in (b"\xeb", b"\xe9")
        and (b"FAT" in data[54:90] or b"NTFS" in data[:16])
    ):
        return "FatImage", True
    extension = part.name.lower().rpartition(".")[2]
    if len(extension) == 3 and extension[1:].isdigit() and extension[0] in "0zr" and _binary(data):
        return "Split.Archive", False
    return "", False


def _binary(data: bytes) -> bool:
    return b"\0" in data[:4096]
