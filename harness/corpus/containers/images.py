"""images - a file on the image of a disk: ISO 9660 with one file in its root, a fixed VHD that nobody can look into."""

from __future__ import annotations

import struct

from harness.corpus.container import Named, containers, stem

_SECTOR = 2048
_WHEN = bytes((103, 8, 10, 9, 0, 0, 0))
_LONG_WHEN = b"2003081009000000\0"


@containers.register("iso")
def iso(file: Named) -> Named:
    """Level 1, names with the version that the standard wants."""
    name, data = file
    root, content = 20, 21
    entries = _record(b"\0", root, _SECTOR, 2) + _record(b"\1", root, _SECTOR, 2)
    entries += _record(name.upper().encode() + b";1", content, len(data), 0)
    table = struct.pack("<BBLH", 1, 0, root, 1) + b"\0\0"
    table_big = struct.pack(">BBLH", 1, 0, root, 1) + b"\0\0"
    total = max(32, content + -(-len(data) // _SECTOR))
    primary = b"\x01CD001\x01\0" + b" " * 32 + b"FILES".ljust(32) + bytes(8) + _both(total, 4) + bytes(32)
    primary += _both(1, 2) * 2 + _both(_SECTOR, 2) + _both(len(table), 4)
    primary += struct.pack("<LL", 18, 0) + struct.pack(">LL", 19, 0) + _record(b"\0", root, _SECTOR, 2)
    primary += b" " * 128 * 4 + b" " * 37 * 3 + _LONG_WHEN * 4 + b"\1"
    sectors = [primary, b"\xffCD001\x01", table, table_big, entries]
    image = bytes(16 * _SECTOR) + b"".join(sector.ljust(_SECTOR, b"\0") for sector in sectors)
    return f"{stem(name)}.iso", (image + data).ljust(total * _SECTOR, b"\0")


def _both(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little") + number.to_bytes(size, "big")


def _record(name: bytes, sector: int, size: int, flags: int) -> bytes:
    body = bytes(1) + _both(sector, 4) + _both(size, 4) + _WHEN + bytes([flags, 0, 0]) + _both(1, 2)
    body += bytes([len(name)]) + name + bytes(len(name) % 2 == 0)
    return bytes([len(body) + 1]) + body


@containers.register("vhd")
def vhd(file: Named) -> Named:
    """The file's bytes somewhere on a disk without a file system, and the footer of a virtual disk."""
    name, data = file
    footer = b"conectix" + struct.pack(">LLQ", 2, 0x10000, 0xFFFFFFFFFFFFFFFF)
    return f"{stem(name)}.vhd", (bytes(4096) + data).ljust(65536, b"\0") + footer.ljust(512, b"\0")
