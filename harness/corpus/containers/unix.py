"""unix - tar, cpio (new ASCII) and ar archives."""

from __future__ import annotations

import io
import tarfile

from harness.corpus.container import WHEN, Named, containers, stem


@containers.register("tar")
def tar(file: Named) -> Named:
    """ustar."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(file[0])
        entry.size, entry.mtime = len(file[1]), WHEN
        archive.addfile(entry, io.BytesIO(file[1]))
    return f"{stem(file[0])}.tar", packed.getvalue()


@containers.register("cpio")
def cpio(file: Named) -> Named:
    """070701: numbers in hexadecimal, names and contents padded to four bytes."""
    packed = b""
    for name, data, mode in ((file[0], file[1], 0o100644), ("TRAILER!!!", b"", 0)):
        raw = name.encode() + b"\0"
        numbers = (1, mode, 0, 0, 1, WHEN, len(data), 0, 0, 0, 0, len(raw), 0)
        head = b"070701" + b"".join(b"%08X" % number for number in numbers) + raw
        packed += head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
    return f"{stem(file[0])}.cpio", packed + bytes(-len(packed) % 512)


@containers.register("ar")
def ar(file: Named) -> Named:
    """The common format, names of up to fifteen characters."""
    name, data = file
    head = f"{name[:15] + '/':<16}{WHEN:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n"
    return f"{stem(name)}.a", b"!<arch>\n" + head.encode() + data + b"\n" * (len(data) % 2)
