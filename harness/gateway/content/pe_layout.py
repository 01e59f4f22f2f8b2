"""pe_layout - where the sections of a Windows program lie in the file, and where it begins to run (MS PE format)."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_SECTIONS = 96


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its place and size in the file, its address when loaded, its flags."""

    name: bytes
    at: int
    size: int
    address: int
    flags: int


def sections_of(data: bytes) -> list[Section]:
    """The sections of a PE file, as many of them as are there; the caller knows that it is one."""
    header = int.from_bytes(data[60:64], "little")
    count = int.from_bytes(data[header + 6 : header + 8], "little")
    at = header + 24 + int.from_bytes(data[header + 20 : header + 22], "little")
    found: list[Section] = []
    for start in range(at, at + 40 * min(count, _MOST_SECTIONS), 40):
        raw = data[start : start + 40]
        if len(raw) == 40:
            address, size, place = (int.from_bytes(raw[n : n + 4], "little") for n in (12, 16, 20))
            flags = int.from_bytes(raw[36:40], "little")
            found.append(Section(raw[:8].rstrip(b"\0"), place, size, address, flags))
    return found


def entry_point(data: bytes) -> int | None:
    """The place in the file of the first instruction; None where no section holds it."""
    header = int.from_bytes(data[60:64], "little")
    address = int.from_bytes(data[header + 40 : header + 44], "little")
    for section in sections_of(data):
        if section.address <= address < section.address + section.size:
            return section.at + address - section.address
    return address if address < len(data) else None
