"""wrap - put a file into containers: zip, gzip, tar, bzip2, xz, a mail; byte for byte the same at every run."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

from harness.errors import ScenarioError, did_you_mean

Named = tuple[str, bytes]  # file name, content


def wrap(file: Named, containers: list[str]) -> Named:
    """The file inside the containers, innermost first: `[zip, gzip]` gives name.zip.gz.  Raises ScenarioError."""
    for word in containers:
        if word not in _WRAPPERS:
            raise ScenarioError(f"no container {word!r}{did_you_mean(word, _WRAPPERS)}")
        file = _WRAPPERS[word](file)
    return file


def _zip(file: Named) -> Named:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(file[0], (2003, 8, 10, 9, 0, 0)), file[1], zipfile.ZIP_DEFLATED)
    return f"{_stem(file[0])}.zip", packed.getvalue()


def _encrypted_zip(file: Named) -> Named:
    """A zip whose member says it is encrypted (bit 0 of its flags): nobody without the password can look inside."""
    name, packed = _zip(file)
    data = bytearray(packed)
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(signature) + offset] |= 1
    return name, bytes(data)


def _tar(file: Named) -> Named:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(file[0])
        entry.size, entry.mtime = len(file[1]), 1060506000
        archive.addfile(entry, io.BytesIO(file[1]))
    return f"{_stem(file[0])}.tar", packed.getvalue()


def _gzip(file: Named) -> Named:
    return f"{file[0]}.gz", gzip.compress(file[1], mtime=1060506000)


def _bzip2(file: Named) -> Named:
    return f"{file[0]}.bz2", bz2.compress(file[1])


def _xz(file: Named) -> Named:
    return f"{file[0]}.xz", lzma.compress(file[1])


def _message(file: Named) -> Named:
    """A whole mail that carries the file, base64, as its only attachment."""
    from harness.corpus.build import attached_mail  # a mail is built there, and building may wrap

    return f"{_stem(file[0])}.eml", attached_mail(file)


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


_WRAPPERS: dict[str, Callable[[Named], Named]] = {
    "zip": _zip,
    "encrypted_zip": _encrypted_zip,
    "tar": _tar,
    "gzip": _gzip,
    "bzip2": _bzip2,
    "xz": _xz,
    "message": _message,
}
