"""filenames - names made to deceive: every name a program may show or run is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category, normalize
from urllib.parse import unquote

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import ScanContext, scanners
from harness.gateway.rule import default_rule

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_CLSID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]|%00")
_BLANK_RUN = re.compile(r"[\s\u00a0\u2000-\u200b\u3000]{10,}")
_STREAM = re.compile(r"::?\$data|\.\w{1,8}:[^\s:\\/]", re.IGNORECASE)
_CLIMBS = re.compile(r"(?:^|[\\/])\.\.[\\/]|^[\\/]|^[A-Za-z]:[\\/]")
# A first extension that says "only a document".
_READ = (
    "asc avi bmp csv doc docx eml gif htm html jpeg jpg log md mov mp3 mp4 mpeg mpg odp ods odt pdf png ppt pptx ps "
    "rtf tif tiff txt wav xls xlsx xml zip"
)
_DOCUMENT = frozenset(_READ.split())
_BLANKS = " \t\r\n.\u00a0\u2000\u2001\u2002\u2003\u2009\u200b\u3000"
LONG = 150


@scanners.register("filenames")
def filenames(part: Part, context: ScanContext) -> Iterator[Finding]:
    """Suspicious: double or banned extension, bidirectional override, CLSID, control characters, hidden tail."""
    seen: set[str] = set()
    extensions = set()
    for written in part.names:
        for spelled in dict.fromkeys((written, unquote(written), *_fitted(written))):
            name = _BIDI.sub("", spelled).replace("\0", "").replace("\\", "/").rstrip("/ '\"").rpartition("/")[2]
            last, before = extension_of(name)
            extensions.add(last)
            for kind in _kinds(spelled, last, before, context.banned, member=part.depth > 0):
                if kind not in seen:
                    seen.add(kind)
                    rule = context.banned_rule if kind == "Name.Banned" else default_rule(f"heuristics: {kind}")
                    yield Finding("suspicious", kind, part.path, rule, part.entity, detail=repr(spelled)[:200])
    if len(extensions) > 1 and extensions & context.banned and "Name.Conflict" not in seen:
        rule = default_rule("heuristics: Name.Conflict")
        yield Finding("suspicious", "Name.Conflict", part.path, rule, part.entity, detail=" ".join(sorted(extensions)))


def _fitted(name: str) -> tuple[str, ...]:
    """The name as a program with a small character set makes it fit: wide letters and dots become plain ones, and
    characters that only format (zero width, soft hyphen) go.
    """
    if name.isascii():
        return ()
    return ("".join(c for c in normalize("NFKC", name) if category(c) != "Cf"),)


def extension_of(name: str) -> tuple[str, str]:
    """(the extension that decides what runs, the one before it), lower case, blanks and dots at the end gone.

    Windows drops trailing dots and blanks; blanks between the extensions only hide the last one.
    """
    pieces = [piece.strip(_BLANKS).lower() for piece in name.rstrip(_BLANKS).split(".")]
    pieces = [piece for piece in pieces if piece]
    last = pieces[-1].partition(":")[0] if len(pieces) > 1 else ""
    return last, pieces[-2] if len(pieces) > 2 else ""


def _kinds(written: str, last: str, before: str, banned: frozenset[str], *, member: bool) -> Iterator[str]:
    if last in banned:
        yield "Name.DoubleExtension" if before in _DOCUMENT else "Name.Banned"
    if _BIDI.search(written):
        yield "Name.Bidi"
    if _CLSID.search(written):
        yield "Name.Clsid"
    if _CONTROL.search(written):
        yield "Name.Control"
        cut = re.split(r"\x00|%00", written)[0]
        if extension_of(cut)[0] in banned:
            yield "Name.Banned"
    if _BLANK_RUN.search(written):
        yield "Name.Hidden"
    if _STREAM.search(written):
        yield "Name.Stream"
    if not member and _CLIMBS.search(written):
        yield "Name.Path"  # of a member its archive tells it
    if len(written) >= LONG:
        yield "Name.Long"
