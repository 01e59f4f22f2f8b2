"""pdfs - PDFs that act when they are opened, and one that is only read."""

from __future__ import annotations

from harness.corpus.containers.documents import pdf
from harness.corpus.payload import payloads

_PAGES = [b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"]


@payloads.register("pdf_plain")
def plain() -> bytes:
    """An empty page."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *_PAGES])


@payloads.register("pdf_javascript")
def javascript() -> bytes:
    """A script that runs on opening."""
    action = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    return pdf([b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>", *_PAGES, action])


@payloads.register("pdf_hidden_javascript")
def hidden_javascript() -> bytes:
    """The same, its names in hexadecimal."""
    return javascript().replace(b"/JavaScript", b"/J#61vaScript").replace(b"/OpenAction", b"/Open#41ction")


@payloads.register("pdf_launch")
def launch() -> bytes:
    """It starts a program."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (cmd.exe) >> >>", *_PAGES])


@payloads.register("pdf_encrypted")
def encrypted() -> bytes:
    """Its trailer says that the streams are encrypted."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *_PAGES, b"<< /Filter /Standard /V 2 >>"], b"/Encrypt 4 0 R ")
