"""program - Windows programs and shortcuts that do nothing: headers that are right, and one instruction (return)."""

from __future__ import annotations

import struct
from random import Random


def program(section: bytes = b".text", code: bytes = b"\xc3", resources: bytes = b"") -> bytes:
    """A PE file of one executable section, and one for `resources` where there are any."""
    head = b"MZ".ljust(60, b"\0") + struct.pack("<L", 128)
    head += b"This program cannot be run in DOS mode.\r\r\n$".ljust(64, b"\0")
    sections = [(section, code, 0x60000020)] + ([(b".rsrc", resources, 0x40000040)] if resources else [])
    optional = struct.pack("<HBBLLLLLL", 0x10B, 8, 0, 512, 0, 0, 0x1000, 0x1000, 0x2000)
    optional += struct.pack("<LLLHHHHHHLLLLHH", 0x400000, 0x1000, 512, 4, 0, 0, 0, 4, 0, 0, 0x8000, 512, 0, 2, 0)
    optional += struct.pack("<LLLLLL", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16) + bytes(128)
    head += b"PE\0\0" + struct.pack("<HHLLLHH", 0x14C, len(sections), 0, 0, 0, len(optional), 0x102) + optional
    at, body = 512, b""
    for number, (name, data, flags) in enumerate(sections, 1):
        size = -(-len(data) // 512) * 512
        head += name.ljust(8, b"\0") + struct.pack(
            "<LLLLLLHHL", len(data), 0x1000 * number, size, at, 0, 0, 0, 0, flags
        )
        at += size
        body += data.ljust(size, b"\0")
    return head.ljust(512, b"\0") + body


def packed_program() -> bytes:
    """One that says that UPX packed it, its section as dense as packed code."""
    return program(b"UPX1", Random(2003).randbytes(16384))


def shortcut(arguments: str) -> bytes:
    """A .lnk that starts cmd.exe with arguments (MS-SHLLINK)."""
    head = b"L\0\0\0" + bytes.fromhex("0114020000000000c000000000000046") + struct.pack("<L", 0x80 | 0x08 | 0x20)
    text = b""
    for string in ("..\\..\\Windows\\System32\\cmd.exe", arguments):
        raw = string.encode("utf-16-le")
        text += struct.pack("<H", len(string)) + raw
    return head.ljust(76, b"\0") + text + bytes(4)
