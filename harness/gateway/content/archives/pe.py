"""pe - Windows programs: what is appended to one (an installer's files, a payload), and whether it is packed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.magic import windows_program
from harness.gateway.content.part import Part
from harness.gateway.content.pe_layout import sections_of

# Section names that packers leave behind.
_PACKERS = {
    b"UPX0": "UPX", b"UPX1": "UPX", b"UPX!": "UPX", b".aspack": "ASPack", b".adata": "ASPack", b"MEW": "MEW",
    b".petite": "Petite", b"petite": "Petite", b"FSG!": "FSG", b".MPRESS1": "MPRESS", b".nsp0": "NsPack", b".yC": "yC",
    b"PEC2": "PECompact", b".vmp0": "VMProtect", b".themida": "Themida", b"PEBundle": "PEBundle", b".WWPACK": "WWPack",
}  # fmt: skip
_EXECUTABLE = 0x20000000
_DENSE = 7.2  # bits a byte: machine code has about 6, compressed code nearly 8
_SAMPLE = 64 * 1024


@archives.register("pe")
class Pe:
    """MS PE format.  What lies behind the last section is an object of its own; a packed program is not examined."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return windows_program(part.data) == "PE"

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data = part.data
        sections = sections_of(data)
        for section in sections:
            packer = next((who for name, who in _PACKERS.items() if section.name.startswith(name)), "")
            if packer:
                yield Trouble("unscannable", "Packed.Program", detail=packer)
                break
            if section.flags & _EXECUTABLE and section.size >= 4096:
                density = entropy(data[section.at : section.at + min(section.size, _SAMPLE)])
                if density > _DENSE:
                    yield Trouble("unscannable", "Packed.Program", detail=f"{density:.1f} bits a byte of code")
                    break
        end = max((section.at + section.size for section in sections if section.size), default=0)
        overlay = data[end:] if 0 < end < len(data) else b""
        if overlay.strip(b"\0"):
            budget.member()
            budget.spend(len(overlay))
            yield Member("", overlay, label="overlay")


def entropy(data: bytes) -> float:
    """Bits of information a byte, from 0 to 8."""
    if not data:
        return 0.0
    counts = [data.count(byte) for byte in range(256)]
    return -sum(n / len(data) * math.log2(n / len(data)) for n in counts if n)
