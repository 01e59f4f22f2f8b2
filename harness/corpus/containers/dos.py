"""dos - the archives of DOS and Windows: cabinets, ARJ, LHA, RAR 4 and 5, 7z; all stored."""

from __future__ import annotations

import struct
import zlib

from harness.corpus.container import Named, containers, stem

_DOS_TIME = struct.pack("<HH", 0x4800, 0x2F0A)


@containers.register("cab")
def cab(file: Named) -> Named:
    """MS-CAB: one folder, one block, no compression."""
    name, data = file
    raw = name.encode() + b"\0"
    offset = 36 + 8 + 16 + len(raw)
    blocks = [data[at : at + 32768] for at in range(0, len(data), 32768)] or [b""]
    body = b"".join(struct.pack("<LHH", 0, len(block), len(block)) + block for block in blocks)
    total = offset + len(body)
    head = b"MSCF" + struct.pack("<LLLLLBBHHHHH", 0, total, 0, 44, 0, 3, 1, 1, 1, 0, 0, 0)
    folder = struct.pack("<LHH", offset, len(blocks), 0)
    entry = struct.pack("<LLHHHH", len(data), 0, 0, 0x2F0A, 0x4800, 0x20) + raw
    return f"{stem(name)}.cab", head + folder + entry + body


@containers.register("arj")
def arj(file: Named) -> Named:
    """A main header, one stored member, an end."""
    return f"{stem(file[0])}.arj", _arj(file, 0)


@containers.register("encrypted_arj")
def encrypted_arj(file: Named) -> Named:
    """The member is garbled, its flags say."""
    return f"{stem(file[0])}.arj", _arj(file, 1)


def _arj(file: Named, flags: int) -> bytes:
    name, data = file
    main = _arj_header(stem(name) + ".arj", 0, 0, 2, b"", 0)
    return main + _arj_header(name, flags, 0, 0, data, zlib.crc32(data)) + data + b"\x60\xea\0\0"


def _arj_header(name: str, flags: int, method: int, kind: int, data: bytes, crc: int) -> bytes:
    fixed = struct.pack(
        "<8B4sLLLHHH", 30, 11, 1, 0, flags, method, kind, 0, _DOS_TIME, len(data), len(data), crc, 0, 0, 0
    )
    body = fixed + name.encode() + b"\0\0"
    return b"\x60\xea" + struct.pack("<H", len(body)) + body + struct.pack("<LH", zlib.crc32(body), 0)


@containers.register("lha")
def lha(file: Named) -> Named:
    """-lh0-, a header of level 0."""
    name, data = file
    raw = name.encode()
    rest = b"-lh0-" + struct.pack("<LL", len(data), len(data)) + _DOS_TIME + b"\x20\0"
    rest += bytes([len(raw)]) + raw + struct.pack("<H", _crc16(data))
    return f"{stem(name)}.lzh", bytes([len(rest), sum(rest) & 0xFF]) + rest + data + b"\0"


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


@containers.register("rar")
def rar(file: Named) -> Named:
    """RAR 4, method 0x30."""
    return f"{stem(file[0])}.rar", _rar(file, 0x8000)


@containers.register("encrypted_rar")
def encrypted_rar(file: Named) -> Named:
    """RAR 4, the member under a password."""
    return f"{stem(file[0])}.rar", _rar(file, 0x8004)


@containers.register("mz_before_rar")
def mz_before_rar(file: Named) -> Named:
    """CVE-2012-1443: two letters in front, and many a scanner saw a program."""
    name, packed = rar(file)
    return name, b"MZ" + packed


def _rar(file: Named, flags: int) -> bytes:
    name, data = file
    raw = name.encode()
    fields = struct.pack("<LLBL4sBBHL", len(data), len(data), 2, zlib.crc32(data), _DOS_TIME, 20, 0x30, len(raw), 0x20)
    head = struct.pack("<BHH", 0x74, flags, 7 + len(fields) + len(raw)) + fields + raw
    main = struct.pack("<BHHHL", 0x73, 0, 13, 0, 0)
    end = struct.pack("<BHH", 0x7B, 0x4000, 7)
    blocks = [struct.pack("<H", zlib.crc32(block) & 0xFFFF) + block for block in (main, head, end)]
    return b"Rar!\x1a\x07\x00" + blocks[0] + blocks[1] + data + blocks[2]


@containers.register("rar5")
def rar5(file: Named) -> Named:
    """RAR 5, stored."""
    name, data = file
    raw = name.encode()
    main = b"\x01\x00\x00"  # type, flags, archive flags
    member = b"\x02\x02" + _vint(len(data)) + b"\x04" + _vint(len(data)) + _vint(0o100644)
    member += struct.pack("<L", zlib.crc32(data)) + b"\0\1" + _vint(len(raw)) + raw
    blocks = [_rar5_block(block) for block in (main, member, b"\x05\x00\x00")]
    return f"{stem(name)}.rar", b"Rar!\x1a\x07\x01\x00" + blocks[0] + blocks[1] + data + blocks[2]


def _rar5_block(body: bytes) -> bytes:
    sized = _vint(len(body)) + body
    return struct.pack("<L", zlib.crc32(sized)) + sized


def _vint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


@containers.register("7z")
def sevenzip(file: Named) -> Named:
    """One folder with the Copy coder, a plain header."""
    return f"{stem(file[0])}.7z", _sevenzip(file, b"\x01\x00")


@containers.register("encrypted_7z")
def encrypted_sevenzip(file: Named) -> Named:
    """The coder is AES-256: what is inside cannot be told."""
    return f"{stem(file[0])}.7z", _sevenzip(file, b"\x24\x06\xf1\x07\x01\x02\x13\x00")


def _sevenzip(file: Named, coder: bytes) -> bytes:
    name, data = file
    size = b"\xff" + struct.pack("<Q", len(data))
    names = b"\0" + name.encode("utf-16-le") + b"\0\0"
    pack = b"\x06\0\1\x09" + size + b"\0"
    unpack = b"\x07\x0b\1\0\1" + coder + b"\x0c" + size + b"\x0a\1" + struct.pack("<L", zlib.crc32(data)) + b"\0"
    files = b"\x05\1\x11\xff" + struct.pack("<Q", len(names)) + names + b"\0"
    header = b"\1\x04" + pack + unpack + b"\x08\0\0" + files + b"\0"
    start = struct.pack("<QQL", len(data), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + data + header
