"""attack - the families of attacks that mails are made of, and how many of them a run has tried, by their tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FAMILIES = {
    1: "double extension", 2: "right-to-left override", 3: "trailing dots and blanks", 4: "very long name",
    5: "NUL and control characters", 6: "RFC 2231 names", 7: "RFC 2047 in parameters", 8: "name against filename",
    9: "type against magic", 10: "CLSID extension", 11: "alternate data stream", 12: "path in a name",
    13: "nested mail", 14: "message/partial", 15: "message/external-body", 16: "encrypted archive", 17: "archive bomb",
    18: "padding past a limit", 19: "archive in archive", 20: "polyglot", 21: "packed program", 22: "macros",
    23: "RTF objects", 24: "HTML smuggling", 25: "shortcuts", 26: "images of disks", 27: "OneNote", 28: "PDF actions",
    29: "script files", 30: "malformed base64", 31: "transfer encodings", 32: "two boundaries", 33: "boundary tricks",
    34: "payload outside the parts", 35: "line ends", 36: "header abuse", 37: "uuencode", 38: "yEnc", 39: "BinHex",
    40: "TNEF", 41: "dangerous HTML", 42: "cloaked link", 43: "characters in headers", 44: "backscatter",
}  # fmt: skip
"""Number -> name.  A session of one is tagged `family-NUMBER`; its benign twin, which must pass, also `clean`."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How often one family was tried."""

    attacks: int = 0
    benign: int = 0

    @property
    def whole(self) -> bool:
        """Whether there was an attack, and a harmless mail of the same looks."""
        return bool(self.attacks and self.benign)


def tried(sessions: Iterable[Sequence[str]]) -> dict[int, Tried]:
    """Each family, by the tags of the sessions."""
    counts = dict.fromkeys(FAMILIES, Tried())
    for tags in sessions:
        for tag in tags:
            number = tag.removeprefix("family-")
            if number != tag and number.isdigit() and (before := counts.get(int(number))) is not None:
                clean = "clean" in tags
                counts[int(number)] = Tried(before.attacks + (not clean), before.benign + clean)
    return counts
