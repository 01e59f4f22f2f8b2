"""programs - Windows programs, plain, packed and one in another; shortcuts."""

from __future__ import annotations

from harness.corpus.payload import payloads
from harness.corpus.program import packed_program, program, shortcut


@payloads.register("pe")
def pe() -> bytes:
    """A program that returns at once."""
    return program()


@payloads.register("pe_packed")
def pe_packed() -> bytes:
    """One that says UPX has packed it."""
    return packed_program()


@payloads.register("pe_in_pe")
def pe_in_pe() -> bytes:
    """One with another in its resources."""
    return program(resources=program())


@payloads.register("lnk")
def lnk() -> bytes:
    """A shortcut that starts PowerShell with an encoded command."""
    return shortcut("/c powershell -enc AAAA")


@payloads.register("gif")
def gif() -> bytes:
    """A picture of one point."""
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
