"""stream: bounded pieces, several streams, and what follows them."""

from __future__ import annotations

import bz2
import lzma
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.content.stream import Streams, stem

MAKERS = {
    "zlib": (lambda: zlib.decompressobj(31), b"\x1f\x8b", zlib.error),
    "bz2": (bz2.BZ2Decompressor, b"BZh", OSError),
    "lzma": (lzma.LZMADecompressor, b"\xfd7zXZ", lzma.LZMAError),
}


def pack(kind: str, data: bytes) -> bytes:
    if kind == "zlib":
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        return packer.compress(data) + packer.flush()
    return bz2.compress(data) if kind == "bz2" else lzma.compress(data)


@pytest.mark.parametrize("kind", MAKERS)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.binary(max_size=9), st.integers(1, 400))
def test_all_streams_come_out_piece_by_piece(kind: str, datas: list[bytes], rest: bytes, most: int) -> None:
    make, magic, error = MAKERS[kind]
    whole = b"".join(pack(kind, data) for data in datas) + b"\0" + rest
    streams = Streams(whole, make, magic, error)  # type: ignore[arg-type]
    pieces = []
    while piece := streams.read(most):
        assert len(piece) <= most
        pieces.append(piece)
    assert b"".join(pieces) == b"".join(datas) and streams.rest == b"\0" + rest


def test_a_large_input_is_fed_in_blocks() -> None:
    import random

    data = random.Random(1).randbytes(500_000)
    streams = Streams(pack("zlib", data), *MAKERS["zlib"])  # type: ignore[arg-type]
    assert b"".join(iter(lambda: streams.read(1000), b"")) == data and not streams.torn


@pytest.mark.parametrize(
    ("name", "inner"), [("a.txt.gz", "a.txt"), ("A.TGZ", "A.tar"), ("a", "a.out"), ("", "content")]
)
def test_the_name_of_what_is_inside(name: str, inner: str) -> None:
    assert stem(name, ".gz", ".tgz") == inner
