"""deflate64: the interface of zlib over a library that gives everything at once."""

from __future__ import annotations

import struct
import zlib

import pytest

from harness.gateway.content.deflate64 import Deflate64, Deflate64Error


def test_what_both_deflates_share_is_read_in_pieces() -> None:
    """Short matches are the same code in both: a text without long repetitions."""
    text = bytes(range(256)) * 8
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, strategy=zlib.Z_HUFFMAN_ONLY)
    packed = packer.compress(text) + packer.flush()
    inflater, pending, out = Deflate64(), packed + b"rest", b""
    while pending and not inflater.eof:
        out += inflater.decompress(pending, 100)
        pending = inflater.unconsumed_tail
    assert out == text and inflater.eof


def test_damage_is_an_error_of_ours() -> None:
    with pytest.raises(Deflate64Error):
        Deflate64().decompress(b"\x07" + bytes(40), 1000)


def test_a_stored_block() -> None:
    assert Deflate64().decompress(struct.pack("<BHH", 1, 3, 0xFFFC) + b"abc", 10) == b"abc"
