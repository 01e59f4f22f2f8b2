"""macros - documents that run something: self-starting macros, Excel 4 sheets, DDE, templates from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import ScanContext, scanners
from harness.gateway.rule import default_rule

# Procedures that Office calls by itself (MS-OVBA and the object models of Word, Excel, PowerPoint, Publisher).
_STARTS = re.compile(
    rb"\bsub\s+(auto_?(?:open|close|exec|exit|new)|document_?(?:open|close|new|beforeclose)|documentchange|"
    rb"workbook_?(?:open|activate|beforeclose|windowactivate)|worksheet_(?:activate|change|calculate)|presentation_?open|"
    rb"\w+_(?:gotfocus|lostfocus|mousemove|mousehover|click|change|layout|painted|resize))\b",
    re.IGNORECASE,
)
_DOES = re.compile(
    rb"\b(?:shell|createobject|getobject|urldownloadtofile|winexec|shellexecute|callbyname|declare\s+(?:ptrsafe\s+)?(?:sub|"
    rb"function))\b|\benviron\s*\(|\.run\b|powershell",
    re.IGNORECASE,
)
_EXTERNAL = re.compile(
    rb"<relationship\b(?=[^<>]{0,1000}targetmode\s*=\s*[\"']external)(?=[^<>]{0,1000}/(?:attachedtemplate|oleobject|frame|"
    rb"subdocument|externallink)\b)[^<>]{0,1000}>",
    re.IGNORECASE,
)
_DDE = re.compile(
    rb"\bDDE(?:AUTO)?\b[\s\"\\]{1,40}[\w:\\/.%-]{2,}|ddelink\b[^<>]{0,300}(?:cmd|powershell|mshta)", re.IGNORECASE
)
_INSTRUCTION = re.compile(rb"<w:instrText[^<>]*>([^<]*)</w:instrText>|w:instr\s?=\s?\"([^\"<]*)\"", re.IGNORECASE)
_TABLES = (".xml", ".csv", ".slk", ".iqy", ".txt")
_FORMULA = re.compile(
    rb"(?:^|[,;\t\"])[ \t]{0,20}[=+@-][ \t]{0,20}(?:cmd|powershell|mshta|msexcel|rundll32)\s{0,20}\|",
    re.IGNORECASE | re.MULTILINE,
)


@scanners.register("macros")
def macros(part: Part, context: ScanContext) -> Iterator[Finding]:
    """Suspicious.  A macro that waits to be called is a tool; one that starts by itself is what viruses do."""
    for kind, detail in _kinds(part):
        yield Finding("suspicious", kind, part.path, default_rule(f"heuristics: {kind}"), part.entity, detail=detail)


def _kinds(part: Part) -> Iterator[tuple[str, str]]:
    data, name = part.data, part.name.lower()
    if part.type == "text/x-vba":
        if starts := _STARTS.search(data):
            does = _DOES.search(data)
            yield "Macro.AutoExec", _text(starts[1]) + (f", {_text(does[0])}" if does else "")
        return
    if not part.depth and not name:
        return  # a mail's own text
    if name.endswith(".rels") and (external := _EXTERNAL.search(_spelled_out(data))):
        yield "Office.External", _text(external[0])
    if b"<script:module" in data and name.endswith(".xml") and (does := _DOES.search(data)):
        yield "Macro.Basic", _text(does[0])  # OpenDocument
    if "macrosheets/" in name:
        yield "Macro.Excel4", "a sheet of Excel 4.0 macros"
    if name.endswith(".xml") and b"instr" in data:
        said = b"".join(match[1] or match[2] or b"" for match in _INSTRUCTION.finditer(data)).replace(b"&quot;", b'"')
        if dde := _DDE.search(said):
            yield "Office.Dde", _text(dde[0])
    elif (
        b"|" in data and name.endswith((".xml", ".csv", ".slk", ".iqy", ".txt")) and (formula := _FORMULA.search(data))
    ):
        yield "Office.Dde", _text(formula[0])


def _spelled_out(data: bytes) -> bytes:
    return unescape(data.decode("latin-1")).encode("latin-1", "replace") if b"&#" in data else data


def _text(raw: bytes) -> str:
    return raw[:120].decode("utf-8", "replace")
