"""pe_layout: sections and the place where a program begins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.program import program
from harness.gateway.content.pe_layout import entry_point, sections_of


def test_sections_and_entry() -> None:
    data = program(code=b"c" * 600, resources=b"r")
    assert [(one.name, one.at, one.size) for one in sections_of(data)] == [(b".text", 512, 1024), (b".rsrc", 1536, 512)]
    assert entry_point(data) == 512


@given(st.binary(max_size=400))
def test_any_bytes_have_some_layout(data: bytes) -> None:
    sections_of(b"MZ" + data)
    entry_point(b"MZ" + data)
