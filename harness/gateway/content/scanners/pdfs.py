"""pdfs - PDFs that act when they are opened: scripts, programs to launch, names spelled to hide them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.pdf_names import unescaped
from harness.gateway.content.scanner import ScanContext, scanners
from harness.gateway.rule import default_rule

_HEAD = 1024
_STARTS = re.compile(rb"/(?:OpenAction|AA)\b")
_SCRIPT = re.compile(rb"/(?:JavaScript|JS)\b")
_LAUNCH = re.compile(rb"/Launch\b")
_ATTACHED = re.compile(rb"/EmbeddedFiles?\b")
_OPENS_ATTACHED = re.compile(rb"exportDataObject|/GoToE\b", re.IGNORECASE)
_NAMES = (b"OpenAction", b"JavaScript", b"JS", b"Launch", b"EmbeddedFile", b"AA", b"RichMedia", b"URI")
_SPELLED = re.compile(rb"/([A-Za-z]*#[0-9A-Fa-f]{2}[A-Za-z#0-9]*)")


@scanners.register("pdfs")
def pdfs(part: Part, context: ScanContext) -> Iterator[Finding]:
    """Suspicious.  A file attached to a PDF is nothing by itself: invoices have one."""
    if b"%PDF-" not in part.data[: _HEAD + 5] and part.type != "application/x-pdf-objects":
        return
    for kind in _kinds(part.data):
        yield Finding("suspicious", kind, part.path, default_rule(f"heuristics: {kind}"), part.entity)


def _kinds(data: bytes) -> Iterator[str]:
    plain = unescaped(data)
    if _SCRIPT.search(plain) and _STARTS.search(plain):
        yield "Pdf.JavaScript"
    if _LAUNCH.search(plain):
        yield "Pdf.Launch"
    if _ATTACHED.search(plain) and _OPENS_ATTACHED.search(plain):
        yield "Pdf.OpensAttachment"
    if plain != data and any(unescaped(b"/" + match[1])[1:] in _NAMES for match in _SPELLED.finditer(data)):
        yield "Pdf.ObfuscatedName"
