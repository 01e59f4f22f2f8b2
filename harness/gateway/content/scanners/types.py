"""types - what the bytes are against what the header and the name say they are."""

from __future__ import annotations

from collections.abc import Iterator

from harness.gateway.content.finding import Finding
from harness.gateway.content.magic import kind_of, windows_program
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
# Names that promise something to look at or to hear: an archive or a document there is a disguise.
_SEEN_OR_HEARD = "avi bmp gif jpeg jpg mov mp3 mp4 mpeg mpg png tif tiff wav webp"
_MEDIA = frozenset(_SEEN_OR_HEARD.split())
_OPENED = "zip 7z rar cab ole arj iso ar cpio xar onenote tnef pdf rtf"
_NOT_MEDIA = frozenset(_OPENED.split())


@scanners.register("types")
def types(part: Part, context: ScanContext) -> Iterator[Finding]:
    """Suspicious: a program, worst where the header calls it a picture, a sound or a text (the worms of 2001); and an
    archive or a document under the name or the type of a picture or a sound.
    """
    program = program_in(part.data)
    if program:
        kind = "Type.Mismatch" if part.type.startswith(_SHOWN) else "Type.Program"
        yield _found(part, kind, f"{program} declared {part.type or 'nothing'}")
        return
    media = part.type.startswith(_SHOWN[:3]) and part.type != "image/svg+xml"
    if media or any(name.rpartition(".")[2].lower() in _MEDIA for name in part.names):
        kind = kind_of(part.data)
        if kind in _NOT_MEDIA:
            yield _found(part, "Type.Mismatch", f"{kind} declared {part.type or part.name}")


def _found(part: Part, kind: str, detail: str) -> Finding:
    return Finding("suspicious", kind, part.path, default_rule(f"heuristics: {kind}"), part.entity, detail=detail)


def program_in(data: bytes) -> str:
    """Which kind of program the bytes are, or "".

    MZ alone is two letters that a text may begin with: the header must be long enough and must point into the file.
    """
    if data.startswith(b"MZ"):
        if windows_program(data):
            return "Windows program"
        if b"\0" in data[:64]:
            return "DOS program"
    for magic, kind in _PROGRAMS:
        if data.startswith(magic) and b"\0" in data[:64]:
            return kind
    return ""
