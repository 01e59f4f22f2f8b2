"""program: headers that point where they should."""

from __future__ import annotations

from harness.corpus.program import packed_program, program, shortcut


def test_the_first_section_lies_behind_the_headers() -> None:
    data = program(code=b"\xc3")
    assert data[512:513] == b"\xc3" and len(data) == 1024
    assert data[128:132] == b"PE\0\0" and program(resources=b"r")[1024:1025] == b"r"


def test_the_packed_one_says_who_packed_it() -> None:
    assert b"UPX1" in packed_program()[:512]


def test_a_shortcut_keeps_its_arguments() -> None:
    assert "/c more".encode("utf-16-le") in shortcut("/c more")
