"""proxy - the PROXY protocol header, versions 1 and 2 (haproxy's proxy-protocol.txt): read and made."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

Address = tuple[str, int]

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  # of version 2
V1_LENGTH_LIMIT = 107  # bytes, CRLF included


@dataclass(frozen=True, slots=True)
class Header:
    """A whole header: who connected to whom (None: LOCAL or UNKNOWN), and how many bytes it took."""

    source: Address | None
    destination: Address | None
    length: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes that no header starts with, and why."""

    why: str


def parse(data: bytes) -> Header | Malformed | None:
    """The header at the start of these bytes; None: more bytes are needed.  Never raises."""
    if data[:12] == SIGNATURE[: len(data)]:
        return _parse_v2(data)
    if data[:6] == b"PROXY "[: len(data)]:
        return _parse_v1(data)
    return Malformed("no PROXY header")


def build_v1(source: Address | None, destination: Address | None) -> bytes:
    """The text form; None makes UNKNOWN."""
    if source is None or destination is None:
        return b"PROXY UNKNOWN\r\n"
    family = "TCP6" if ":" in source[0] else "TCP4"
    return f"PROXY {family} {source[0]} {destination[0]} {source[1]} {destination[1]}\r\n".encode("ascii")


def build_v2(source: Address | None, destination: Address | None) -> bytes:
    """The binary form; None makes LOCAL."""
    if source is None or destination is None:
        return SIGNATURE + b"\x20\x00\x00\x00"
    one, other = ipaddress.ip_address(source[0]), ipaddress.ip_address(destination[0])
    block = one.packed + other.packed + struct.pack("!HH", source[1], destination[1])
    family = 0x21 if one.version == 6 else 0x11  # AF_INET6 or AF_INET, STREAM
    return SIGNATURE + bytes((0x21, family)) + struct.pack("!H", len(block)) + block


def _parse_v1(data: bytes) -> Header | Malformed | None:
    end = data.find(b"\r\n", 0, V1_LENGTH_LIMIT)
    if end < 0:
        return Malformed("PROXY line too long") if len(data) >= V1_LENGTH_LIMIT else None
    words = data[:end].decode("latin-1").split(" ")
    if words[1] == "UNKNOWN":
        return Header(None, None, end + 2)
    if len(words) != 6 or words[1] not in ("TCP4", "TCP6"):
        return Malformed("bad PROXY line")
    try:
        for text in words[2:4]:
            if ipaddress.ip_address(text).version != int(words[1][3]):
                return Malformed(f"PROXY {words[1]} with address {text}")
        ports = [int(text) for text in words[4:6] if text.isascii() and text.isdigit()]
    except ValueError:
        return Malformed("bad address in PROXY line")
    if len(ports) != 2 or max(ports) > 65535:
        return Malformed("bad port in PROXY line")
    return Header((words[2], ports[0]), (words[3], ports[1]), end + 2)


def _parse_v2(data: bytes) -> Header | Malformed | None:
    if len(data) < 16:
        return None
    version_command, family, size = struct.unpack_from("!BBH", data, 12)
    if version_command not in (0x20, 0x21):
        return Malformed("bad PROXY v2 version or command")
    length = 16 + size
    if len(data) < length:
        return None
    width = {0x11: 4, 0x21: 16}.get(family, 0)
    if version_command == 0x20 or not width:  # LOCAL, or not TCP: the real addresses are to be used
        return Header(None, None, length)
    if size < 2 * width + 4:
        return Malformed("PROXY v2 address block too short")
    one = ipaddress.ip_address(data[16 : 16 + width])
    other = ipaddress.ip_address(data[16 + width : 16 + 2 * width])
    port, other_port = struct.unpack_from("!HH", data, 16 + 2 * width)
    return Header((str(one), port), (str(other), other_port), length)
