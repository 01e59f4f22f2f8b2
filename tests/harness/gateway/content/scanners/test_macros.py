"""macros: documents that run something."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable

import pytest

from harness.corpus.compound import compound, vba_compressed
from harness.corpus.payload import payloads
from harness.gateway.content.finding import Finding

Look = Callable[..., list[Finding]]


def attached(name: str, data: bytes, type: str = "application/octet-stream") -> bytes:
    head = f'Content-Type: {type}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


@pytest.mark.parametrize(
    ("word", "found"),
    [("doc_autoexec", "Macro.AutoExec"), ("docm_autoexec", "Macro.AutoExec"), ("xls_excel4", "Macro.Excel4"), ("docx_template", "Office.External"),
     ("docx_dde", "Office.Dde"), ("doc_macro", ""), ("doc_plain", ""), ("xls_plain", ""), ("docx_plain", "")],
)  # fmt: skip
def test_documents(look: Look, word: str, found: str) -> None:
    assert [finding.name for finding in look(attached("letter.doc", payloads[word]()))] == ([found] if found else [])


@pytest.mark.parametrize(
    ("cell", "found"),
    [(b"=cmd|'/c calc'!A1", True), (b"@powershell|'x'!A", True), (b"=A1+B1", False), (b"cmd | more", False)],
)
def test_tables(look: Look, cell: bytes, found: bool) -> None:
    assert bool(look(attached("table.csv", b"a,b\r\n1," + cell + b"\r\n"))) is found


@pytest.mark.parametrize(
    ("source", "found"),
    [("Sub Auto_Open()", True), ("private sub Document_Open ()", True), ("Sub Workbook_Open()", True), ("Sub Ink1_Painted(x)", True),
     ("Sub Report()", False), ("' calls AutoOpen", False)],
)  # fmt: skip
def test_procedures_that_start_by_themselves(look: Look, source: str, found: bool) -> None:
    data = compound({"VBA/M": vba_compressed(f"Attribute VB_Name\r\n{source}\r\nEnd Sub".encode())})
    assert bool(look(attached("a.doc", data))) is found


def packed(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return attached("letter.docx", out.getvalue())


def test_a_template_from_elsewhere_in_entities(look: Look) -> None:
    relation = (
        b"<Relationship TargetMode='&#x45;xternal' Target='https://x.test/x' Type='http://x/attached&#84;emplate'/>"
    )
    assert [one.name for one in look(packed("word/_rels/settings.xml.rels", relation))] == ["Office.External"]


def test_macros_of_opendocument_that_do_something(look: Look) -> None:
    module = b'<?xml version="1.0"?><script:module>Sub M\n%s\nEnd Sub</script:module>'
    assert [one.name for one in look(packed("Basic/Standard/M.xml", module % b'Shell("cmd")'))] == ["Macro.Basic"]
    assert not look(packed("Basic/Standard/M.xml", module % b'Print "hello"'))
