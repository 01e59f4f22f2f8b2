"""zips - zip archives, honest and not: stored, deflate64, encrypted, shifted, with two names or a hidden member."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from harness.corpus.container import Named, containers, stem

_WHEN = (2003, 8, 10, 9, 0, 0)


@containers.register("zip")
def zipped(file: Named) -> Named:
    """Deflated."""
    return f"{stem(file[0])}.zip", _packed([file], zipfile.ZIP_DEFLATED)


@containers.register("stored_zip")
def stored(file: Named) -> Named:
    """Not compressed."""
    return f"{stem(file[0])}.zip", _packed([file], zipfile.ZIP_STORED)


@containers.register("bzip2_zip")
def bzipped(file: Named) -> Named:
    """Method 12."""
    return f"{stem(file[0])}.zip", _packed([file], zipfile.ZIP_BZIP2)


@containers.register("lzma_zip")
def lzma_zip(file: Named) -> Named:
    """Method 14."""
    return f"{stem(file[0])}.zip", _packed([file], zipfile.ZIP_LZMA)


@containers.register("deflate64_zip")
def deflate64(file: Named) -> Named:
    """Method 9, as Windows writes for large files: one stored block, which both deflates share."""
    name, data = file
    stream = b"".join(
        struct.pack("<BHH", at + 65535 >= len(data), len(block), len(block) ^ 0xFFFF) + block
        for at in range(0, max(len(data), 1), 65535)
        for block in [data[at : at + 65535]]
    )
    return f"{stem(name)}.zip", raw_zip(name, name, data, stream, 9)


@containers.register("encrypted_zip")
def encrypted(file: Named) -> Named:
    """A zip whose member says it is encrypted (bit 0 of its flags): nobody without the password can look inside."""
    name, packed = zipped(file)
    data = bytearray(packed)
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(signature) + offset] |= 1
    return name, bytes(data)


@containers.register("zeros_before_zip")
def zeros_before(file: Named) -> Named:
    """100 000 zeros in front: readers that start at the end of a file do not mind."""
    name, packed = zipped(file)
    return name, bytes(100_000) + packed


@containers.register("garbage_behind_zip")
def garbage_behind(file: Named) -> Named:
    """100 000 bytes behind the end: out of the reach of those who look for the directory in the last 64 KiB."""
    name, packed = zipped(file)
    return name, packed + b"garbage " * 12_500


@containers.register("padded_zip")
def padded(file: Named) -> Named:
    """30 MB of zeros are the first member, the file is the second."""
    return f"{stem(file[0])}.zip", _packed([("padding.bin", bytes(30_000_000)), file], zipfile.ZIP_DEFLATED)


@containers.register("two_names_zip")
def two_names(file: Named) -> Named:
    """The directory calls the member readme.txt, its own header by its name."""
    name, data = file
    return f"{stem(name)}.zip", raw_zip("readme.txt", name, data, data, 0)


@containers.register("hidden_zip")
def hidden(file: Named) -> Named:
    """The file stands in front of a member that is all the directory knows."""
    name, data = file
    local = local_header(name, data, data, 0)
    return f"{stem(name)}.zip", local + _packed([("readme.txt", b"nothing to see\n")], zipfile.ZIP_STORED)


@containers.register("overlapping_zip")
def overlapping(file: Named) -> Named:
    """Two names in the directory for the same bytes."""
    name, data = file
    local = local_header(name, data, data, 0)
    directory = central(name, data, data, 0, 0) + central(f"again-{name}", data, data, 0, 0)
    return f"{stem(name)}.zip", local + directory + _end(2, len(directory), len(local))


@containers.register("zip_bomb")
def bomb(file: Named) -> Named:
    """400 MB of zeros in the place of the file."""
    name, _ = file
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = compressor.compress(bytes(1_000_000)) + compressor.flush(zlib.Z_FULL_FLUSH)  # knows of nothing before it
    zeros = block * 400 + compressor.flush()
    return f"{stem(name)}.zip", raw_zip("zeros.bin", "zeros.bin", b"", zeros, 8, 400_000_000)


def _packed(files: list[Named], method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name, _WHEN), data, method)
    return out.getvalue()


def local_header(name: str, data: bytes, packed: bytes, method: int, size: int | None = None) -> bytes:
    """A local file header (APPNOTE 4.3.7) and the packed bytes behind it."""
    raw = name.encode()
    size = len(data) if size is None else size
    fields = (20, 0, method, 0x4800, 0x2F0A, zlib.crc32(data), len(packed), size, len(raw), 0)
    return struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + raw + packed


def central(name: str, data: bytes, packed: bytes, method: int, at: int, size: int | None = None) -> bytes:
    """An entry of the central directory (APPNOTE 4.3.12)."""
    raw = name.encode()
    size = len(data) if size is None else size
    fields = (20, 20, 0, method, 0x4800, 0x2F0A, zlib.crc32(data), len(packed), size, len(raw), 0, 0, 0, 0, 0, at)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + raw


def raw_zip(listed: str, own: str, data: bytes, packed: bytes, method: int, size: int | None = None) -> bytes:
    """One member under two names, the packed bytes as they are given."""
    local = local_header(own, data, packed, method, size)
    directory = central(listed, data, packed, method, 0, size)
    return local + directory + _end(1, len(directory), len(local))


def _end(count: int, size: int, at: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, at, 0)
