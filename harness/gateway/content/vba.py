"""vba - the compression of macro sources (MS-OVBA 2.4.1)."""

from __future__ import annotations

_CHUNK = 4096


class VbaError(Exception):
    """The container is damaged."""


def decompress(data: bytes) -> bytes:
    """The source in a CompressedContainer, 4096 bytes a chunk; bytes behind its last whole chunk are ignored.

    Raises VbaError when the first chunk cannot be read.
    """
    if data[:1] != b"\x01":
        raise VbaError("no signature byte")
    out = bytearray()
    at = 1
    while at + 2 <= len(data):
        header = int.from_bytes(data[at : at + 2], "little")
        size = (header & 0x0FFF) + 3
        if (header >> 12) & 7 != 3:
            if not out:
                raise VbaError("no chunk signature")
            break
        body = data[at + 2 : at + size]
        if header & 0x8000:
            _tokens(body, out)
        else:
            out += body[:_CHUNK]
        at += size
    return bytes(out)


def _tokens(body: bytes, out: bytearray) -> None:
    """One compressed chunk: a byte of flags, then eight literals or copies."""
    start, at = len(out), 0
    while at < len(body):
        flags = body[at]
        at += 1
        for bit in range(8):
            if at >= len(body):
                return
            if not flags >> bit & 1:
                out.append(body[at])
                at += 1
                continue
            if at + 2 > len(body):
                return
            token = int.from_bytes(body[at : at + 2], "little")
            at += 2
            done = len(out) - start
            bits = max(4, (done - 1).bit_length())
            length = (token & (0xFFFF >> bits)) + 3
            distance = (token >> (16 - bits)) + 1
            if distance > done:
                raise VbaError("a copy from before its chunk")
            for _ in range(length):
                out.append(out[-distance])
            if len(out) - start > _CHUNK:
                raise VbaError("a chunk that is too long")
