"""compound - write a compound file (MS-CFB version 3): what Word and Excel put their streams in."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    children: list[int] = field(default_factory=list)
    start: int = _END


def compound(streams: dict[str, bytes]) -> bytes:
    """A file with these streams; `VBA/dir` lies in the storage VBA.  At most some 7 MB in all."""
    entries = _entries(streams)
    mini, mini_fat = _mini_stream(entries)
    entries[0].data = mini
    directory_size = -(-len(entries) * 128 // _SECTOR)
    chains = [bytes(directory_size * _SECTOR), mini_fat]
    chains += [entry.data for entry in entries if entry.kind == _ROOT or len(entry.data) >= _CUTOFF]
    fat: list[int] = []
    starts: list[int] = []
    for chain in chains:
        count = -(-len(chain) // _SECTOR)
        starts.append(len(fat) if count else _END)
        fat += [*range(len(fat) + 1, len(fat) + count), _END] if count else []
    fat_sectors = 1
    while fat_sectors * 128 < len(fat) + fat_sectors:
        fat_sectors += 1
    first_fat = len(fat)
    fat += [_FAT] * fat_sectors
    large = iter(starts[2:])
    for entry in entries:
        if entry.kind == _ROOT or len(entry.data) >= _CUTOFF:
            entry.start = next(large)
    chains[0] = b"".join(_directory_entry(entries, place) for place in range(len(entries)))
    chains[0] += _directory_entry([_Entry("", 0)], 0) * (directory_size * 4 - len(entries))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<LLLL", fat_sectors, starts[0], 0, _CUTOFF)
    header += struct.pack("<LLLL", starts[1], -(-len(mini_fat) // _SECTOR), _END, 0)
    header += struct.pack(f"<{fat_sectors}L", *range(first_fat, first_fat + fat_sectors))
    body = b"".join(chain + bytes(-len(chain) % _SECTOR) for chain in chains)
    table = struct.pack(f"<{len(fat)}L", *fat)
    return header.ljust(_SECTOR, b"\xff") + body + table.ljust(fat_sectors * _SECTOR, b"\xff")


def _entries(streams: dict[str, bytes]) -> list[_Entry]:
    """The root first; children of a storage in the order that the standard compares names."""
    entries = [_Entry("Root Entry", _ROOT)]
    storages = {"": 0}
    for path, data in streams.items():
        storage, _, name = path.rpartition("/")
        if storage not in storages:
            storages[storage] = len(entries)
            entries[0].children.append(len(entries))
            entries.append(_Entry(storage, _STORAGE))
        entries[storages[storage]].children.append(len(entries))
        entries.append(_Entry(name, _STREAM, data))
    for entry in entries:
        entry.children.sort(key=lambda place: (len(entries[place].name), entries[place].name.upper()))
    return entries


def _mini_stream(entries: list[_Entry]) -> tuple[bytes, bytes]:
    """(the small streams one behind the other, the table of their chains)."""
    mini, table = b"", list[int]()
    for entry in entries:
        if entry.kind == _STREAM and 0 < len(entry.data) < _CUTOFF:
            count = -(-len(entry.data) // _MINI)
            entry.start = len(table)
            table += [*range(len(table) + 1, len(table) + count), _END]
            mini += entry.data + bytes(-len(entry.data) % _MINI)
    table += [_FREE] * (-len(table) % 128)
    return mini, struct.pack(f"<{len(table)}L", *table)


def _directory_entry(entries: list[_Entry], place: int) -> bytes:
    """128 bytes; the siblings of a storage hang in one line to the right."""
    entry = entries[place]
    right = _NONE
    for other in entries:
        if place in other.children:
            after = other.children[other.children.index(place) + 1 :]
            right = after[0] if after else _NONE
    child = entry.children[0] if entry.children else _NONE
    raw = entry.name.encode("utf-16-le")
    length = len(raw) + 2 if entry.kind else 0
    head = raw.ljust(64, b"\0") + struct.pack("<HBBLLL", length, entry.kind, 1, _NONE, right, child)
    return head + bytes(16 + 4 + 16) + struct.pack("<LQ", entry.start if entry.kind != _STORAGE else 0, len(entry.data))


def vba_compressed(source: bytes) -> bytes:
    """A macro source in a CompressedContainer (MS-OVBA 2.4.1), all of it literals."""
    out = b"\1"
    for at in range(0, len(source), 3600):
        chunk = source[at : at + 3600]
        body = b"".join(b"\0" + chunk[place : place + 8] for place in range(0, len(chunk), 8))
        out += struct.pack("<H", 0xB000 | (len(body) - 1)) + body
    return out
