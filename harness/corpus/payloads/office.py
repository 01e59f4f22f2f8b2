"""office - documents that run something, and harmless twins: macros, Excel 4 sheets, DDE, templates."""

from __future__ import annotations

import io
import struct
import zipfile

from harness.corpus.compound import compound, vba_compressed
from harness.corpus.payload import payloads


def _with_macro(source: str) -> bytes:
    module = b"\0" * 64 + vba_compressed(f'Attribute VB_Name = "NewMacros"\r\n{source}'.encode())
    return compound({"WordDocument": bytes(1024), "Macros/dir": vba_compressed(b"x"), "VBA/NewMacros": module})


@payloads.register("doc_autoexec")
def doc_autoexec() -> bytes:
    """A macro that starts when the document is opened."""
    return _with_macro('Sub AutoOpen()\r\n  MsgBox "hello"\r\nEnd Sub\r\n')


@payloads.register("doc_macro")
def doc_macro() -> bytes:
    """A macro that waits to be called."""
    return _with_macro("Function Twice(n)\r\n  Twice = 2 * n\r\nEnd Function\r\n")


@payloads.register("doc_plain")
def doc_plain() -> bytes:
    """A document without macros."""
    return compound({"WordDocument": bytes(1024), "1Table": bytes(100)})


@payloads.register("doc_encrypted")
def doc_encrypted() -> bytes:
    """An Office document under a password."""
    return compound({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(200)})


@payloads.register("xls_excel4")
def xls_excel4() -> bytes:
    """A workbook with a very hidden sheet of Excel 4.0 macros."""
    sheets = (
        struct.pack("<HHLBB", 0x85, 14, 0, 2, 1)
        + b"\6\0Macro1"
        + struct.pack("<HHLBB", 0x85, 14, 0, 0, 0)
        + b"\6\0Sheet1"
    )
    return compound({"Workbook": struct.pack("<HHHH", 0x809, 4, 0x600, 5) + sheets + struct.pack("<HH", 10, 0)})


@payloads.register("xls_plain")
def xls_plain() -> bytes:
    """A workbook with a sheet."""
    sheet = struct.pack("<HHLBB", 0x85, 14, 0, 0, 0) + b"\6\0Sheet1"
    return compound({"Workbook": struct.pack("<HHHH", 0x809, 4, 0x600, 5) + sheet + struct.pack("<HH", 10, 0)})


def _docx(body: str, relations: str = "", **more: bytes) -> bytes:
    parts = {
        "[Content_Types].xml": b'<?xml version="1.0"?><Types/>',
        "word/document.xml": f"<w:document><w:body>{body}</w:body></w:document>".encode(),
        "word/_rels/settings.xml.rels": f"<Relationships>{relations}</Relationships>".encode(),
        **{f"word/{name}.bin": data for name, data in more.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2003, 8, 10, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@payloads.register("docm_autoexec")
def docm_autoexec() -> bytes:
    """The same macro in the newer format."""
    return _docx("<w:p/>", vbaProject=doc_autoexec())


@payloads.register("docx_plain")
def docx_plain() -> bytes:
    """A letter, with a link to a web page, which is an external relation too."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = f'<Relationship Id="1" Type="{kind}" Target="http://ok.test/" TargetMode="External"/>'
    return _docx("<w:p>hello</w:p>", link)


@payloads.register("docx_template")
def docx_template() -> bytes:
    """The template is fetched from elsewhere when the letter is opened."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    return _docx("<w:p/>", f'<Relationship Id="1" Type="{kind}" Target="http://ok.test/t.dotm" TargetMode="External"/>')


@payloads.register("docx_dde")
def docx_dde() -> bytes:
    """A field that starts a program, in two runs."""
    field = r'<w:instrText>DDEAU</w:instrText><w:instrText>TO c:\\windows\\system32\\cmd.exe "/c more"</w:instrText>'
    return _docx(f"<w:p>{field}</w:p>")


@payloads.register("csv_formula")
def csv_formula() -> bytes:
    """A table with a cell that Excel would run."""
    return b"name,value\r\na,1\r\nb,=cmd|'/c more'!A1\r\n"


@payloads.register("csv_plain")
def csv_plain() -> bytes:
    """A table with a formula that only adds."""
    return b"name,value\r\na,1\r\nb,=A1+1\r\n"


@payloads.register("rtf_equation")
def rtf_equation() -> bytes:
    """An object of the equation editor, which nobody has maintained since 2000 (CVE-2017-11882)."""
    content = struct.pack("<LLL", 0x0501, 2, 11) + b"Equation.3\0" + bytes(8) + struct.pack("<L", 64) + bytes(64)
    return b"{\\rtf1{\\object\\objemb{\\*\\objclass Equation.3}{\\*\\objdata " + content.hex().encode() + b"}}}"


@payloads.register("rtf_plain")
def rtf_plain() -> bytes:
    """Rich text with nothing in it but text."""
    return b"{\\rtf1\\ansi{\\fonttbl\\f0 Arial;}\\f0 Hello, \\b world\\b0 .\\par}"
