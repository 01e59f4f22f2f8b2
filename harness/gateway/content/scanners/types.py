"""types - what the bytes are against what the header and the name say they are."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import ScanContext, scanners
from harness.gateway.rule import default_rule

_PROGRAMS: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "ELF"),
    (b"\xca\xfe\xba\xbe", "Mach-O or Java class"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "Windows shortcut"),
)
_SHOWN = ("image/", "audio/", "video/", "text/")


@scanners.register("types")
def types(part: Part, context: ScanContext) -> Iterator[Finding]:
    """Suspicious: a program, worst where the header calls it a picture, a sound or a text (the worms of 2001)."""
    program = program_in(part.data)
    if program:
        kind = "Type.Mismatch" if part.type.startswith(_SHOWN) else "Type.Program"
        detail = f"{program} declared {part.type or 'nothing'}"
        yield Finding("suspicious", kind, part.path, default_rule(f"heuristics: {kind}"), part.entity, detail=detail)


def program_in(data: bytes) -> str:
    """Which kind of program the bytes are, or "".

    MZ alone is two letters that a text may begin with: the header must be long enough and must point into the file.
    """
    if data.startswith(b"MZ"):
        if len(data) >= 64 and data[int.from_bytes(data[60:64], "little") :][:2] in (b"PE", b"NE", b"LE", b"LX"):
            return "Windows program"
        if b"\0" in data[:64]:
            return "DOS program"
    for magic, kind in _PROGRAMS:
        if data.startswith(magic) and b"\0" in data[:64]:
            return kind
    return ""
