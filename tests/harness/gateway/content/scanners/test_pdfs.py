"""pdfs: PDFs that act when they are opened."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable

import pytest

from harness.corpus.container import containers
from harness.corpus.payload import payloads
from harness.gateway.content.finding import Finding

Look = Callable[..., list[Finding]]


def attached(name: str, data: bytes, type: str = "application/octet-stream") -> bytes:
    head = f'Content-Type: {type}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


@pytest.mark.parametrize(
    ("word", "found"),
    [("pdf_javascript", ["Pdf.JavaScript"]), ("pdf_hidden_javascript", ["Pdf.JavaScript", "Pdf.ObfuscatedName"]), ("pdf_launch", ["Pdf.Launch"]),
     ("pdf_encrypted", ["Encrypted.Pdf"]), ("pdf_plain", [])],
)  # fmt: skip
def test_what_each_does(look: Look, word: str, found: list[str]) -> None:
    assert [finding.name for finding in look(attached("a.pdf", payloads[word]()))] == found


def test_a_file_in_a_pdf_is_nothing_until_something_opens_it(look: Look) -> None:
    name, data = containers["pdf_attachment"](("invoice.xml", b"<invoice/>"))
    assert not look(attached(name, data))
    opens = data.replace(
        b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (this.exportDataObject()) >>"
    )
    assert "Pdf.OpensAttachment" in [finding.name for finding in look(attached(name, opens))]


def test_objects_in_a_compressed_stream_are_looked_at_too(look: Look) -> None:
    packed = zlib.compress(b"1 0 2 50 << /S /JavaScript /JS (x) >> << /OpenAction 1 0 R >>")
    data = b"%PDF-1.5\n5 0 obj << /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream endobj"
    assert [finding.name for finding in look(attached("a.pdf", data))] == ["Pdf.JavaScript"]
