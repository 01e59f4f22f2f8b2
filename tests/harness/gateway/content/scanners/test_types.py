"""types: what the bytes are against what they are called."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from harness.corpus.payload import payloads
from harness.gateway.content.finding import Finding
from harness.gateway.content.scanners.types import program_in

Look = Callable[..., list[Finding]]


def attached(name: str, data: bytes, type: str = "application/octet-stream") -> bytes:
    head = f'Content-Type: {type}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


@pytest.mark.parametrize(
    ("name", "type", "word", "found"),
    [("a.bin", "application/octet-stream", "mz", "Type.Program"), ("a.gif", "image/gif", "mz", "Type.Mismatch"), ("a.wav", "audio/x-wav", "pe", "Type.Mismatch"),
     ("a.gif", "image/gif", "gif", ""), ("a.gif", "image/gif", "pdf_plain", "Type.Mismatch"), ("a.jpg", "application/octet-stream", "doc_plain", "Type.Mismatch"),
     ("a.doc", "application/msword", "rtf_plain", ""), ("a.bin", "image/png", "note", "")],
)  # fmt: skip
def test_a_name_promises_something(look: Look, name: str, type: str, word: str, found: str) -> None:
    names = [
        finding.name for finding in look(attached(name, payloads[word](), type)) if finding.name.startswith("Type.")
    ]
    assert names == ([found] if found else [])


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"MZ are two letters", ""),
        (b"MZ" + bytes(70), "DOS program"),
        (b"\x7fELF\0", "ELF"),
        (b"\x7fELF text", ""),
        (b"", ""),
    ],
)
def test_programs(data: bytes, kind: str) -> None:
    assert program_in(data) == kind
