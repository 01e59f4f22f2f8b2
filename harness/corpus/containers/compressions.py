"""compressions - one file, compressed: gzip, bzip2, xz, old lzma, zstd (stored), szdd (stored)."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct

from harness.corpus.container import WHEN, Named, containers


@containers.register("gzip")
def gzipped(file: Named) -> Named:
    """RFC 1952."""
    return f"{file[0]}.gz", gzip.compress(file[1], mtime=WHEN)


@containers.register("bzip2")
def bzipped(file: Named) -> Named:
    """The usual one."""
    return f"{file[0]}.bz2", bz2.compress(file[1])


@containers.register("xz")
def xz(file: Named) -> Named:
    """The .xz container."""
    return f"{file[0]}.xz", lzma.compress(file[1])


@containers.register("lzma")
def lzma_alone(file: Named) -> Named:
    """The .lzma format of old."""
    return f"{file[0]}.lzma", lzma.compress(file[1], format=lzma.FORMAT_ALONE)


@containers.register("zstd")
def zstd(file: Named) -> Named:
    """RFC 8878: one frame of raw blocks, which need no compressor."""
    name, data = file
    blocks = [data[at : at + 65536] for at in range(0, len(data), 65536)] or [b""]
    frame = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<L", len(data))  # single segment, a size of four bytes
    for place, block in enumerate(blocks):
        frame += ((len(block) << 3) | (place + 1 == len(blocks))).to_bytes(3, "little") + block
    return f"{name}.zst", frame


@containers.register("szdd")
def szdd(file: Named) -> Named:
    """What COMPRESS.EXE writes, all bytes literal; the last letter of the name moves into the header."""
    name, data = file
    head = b"SZDD\x88\xf0\x27\x33A" + name[-1:].encode() + struct.pack("<L", len(data))
    groups = [b"\xff" + data[at : at + 8] for at in range(0, len(data), 8)]
    return f"{name[:-1]}_", head + b"".join(groups)
