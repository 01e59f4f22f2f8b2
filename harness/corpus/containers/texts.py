"""texts - a file written as text or wrapped by a mail program: uuencode, base64, yEnc, BinHex 4, TNEF, a mail."""

from __future__ import annotations

import base64
import binascii
import struct

from harness.corpus.container import Named, containers, stem


@containers.register("message")
def message(file: Named) -> Named:
    """A whole mail that carries the file, base64, as its only attachment."""
    from harness.corpus.build import attached_mail  # a mail is built there, and building may wrap

    return f"{stem(file[0])}.eml", attached_mail(file)


@containers.register("base64_text")
def base64_text(file: Named) -> Named:
    """Lines of base64 that no header declares."""
    return f"{file[0]}.txt", b"Decode this:\n\n" + base64.encodebytes(file[1]) + b"\nthat was it\n"


@containers.register("uuencode")
def uuencode(file: Named) -> Named:
    """begin 644."""
    name, data = file
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return f"{name}.uue", b"hello\n\nbegin 644 " + name.encode() + b"\n" + lines + b"`\nend\n"


@containers.register("yenc")
def yenc(file: Named) -> Named:
    """One part; the critical characters and a leading dot are escaped."""
    name, data = file
    lines = []
    for at in range(0, len(data), 128):
        line = bytearray()
        for byte in data[at : at + 128]:
            byte = (byte + 42) % 256
            if byte in (0, 10, 13, 61) or (byte in (9, 32, 46) and not line):
                line += b"="
                byte = (byte + 64) % 256
            line.append(byte)
        lines.append(bytes(line))
    head = f"=ybegin line=128 size={len(data)} name={name}\n".encode()
    tail = f"\n=yend size={len(data)} crc32={binascii.crc32(data):08x}\n".encode()
    return f"{name}.ync", head + b"\n".join(lines) + tail


@containers.register("binhex")
def binhex(file: Named) -> Named:
    """RFC 1741; a run of a byte is never shortened, 0x90 is escaped."""
    name, data = file
    raw = name.encode()
    head = bytes([len(raw)]) + raw + b"\0" + b"APPL" + b"????" + struct.pack(">HLL", 0, len(data), 0)
    whole = b"".join(piece + struct.pack(">H", binascii.crc_hqx(piece, 0)) for piece in (head, data, b""))
    whole = whole.replace(b"\x90", b"\x90\0")
    alphabet = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = base64.b64encode(whole + bytes(-len(whole) % 3)).translate(bytes.maketrans(plain, alphabet))
    text = b":" + text + b":"
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"{name}.hqx", b"(This file must be converted with BinHex 4.0)\n\n" + lines + b"\n"


@containers.register("tnef")
def tnef(file: Named) -> Named:
    """winmail.dat with one attachment."""
    name, data = file
    attributes = ((0x00069002, b"\1\0" + b"\xff" * 12), (0x00018010, name.encode() + b"\0"), (0x0006800F, data))
    body = b"".join(
        b"\x02" + struct.pack("<LL", kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
        for kind, value in attributes
    )
    return "winmail.dat", b"\x78\x9f\x3e\x22" + struct.pack("<H", 1) + body
