"""tar - old, ustar, GNU and pax archives (POSIX.1-1988 and -2001), read from memory; what lies behind the end, too."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Generator, Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part, leaves_directory

_BLOCK = 512
_KNOWN = frozenset(tarfile.SUPPORTED_TYPES)


@archives.register("tar")
class Tar:
    """Everything that has content is an object, of whatever type; devices, names and links that leave the directory are
    told.  One reader ends at a bad header or at two blocks of zeros, another (`tar -i`) reads on: so does this one.
    """

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data[257:262] == b"ustar" or _is_header(part.data, 0)

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        data, start = part.data, 0
        while True:
            end = yield from _archive(data, start, budget)
            if end is None:
                return
            rest = len(data[end:].lstrip(b"\0"))
            if not rest:
                return
            yield Trouble("suspicious", "TrailingData.Tar", detail=f"{rest} bytes behind the end")
            begin = end + (len(data) - end - rest) // _BLOCK * _BLOCK
            places = range(begin, len(data) - _BLOCK + 1, _BLOCK)
            start = next((at for at in places if at > start and _is_header(data, at)), 0)
            if not start:
                return
            budget.check_time()


def _archive(data: bytes, start: int, budget: Budget) -> Generator[Member | Trouble, None, int | None]:
    """The members of the archive that begins here; returns where it ends, None where it breaks off."""
    # It lies in memory already, so no member can be larger than it: sparse files apart, which are refused.
    stream = io.BytesIO(data[start:] if start else data)
    try:
        with tarfile.open(fileobj=stream, mode="r:", errorlevel=1) as archive:
            for info in archive:
                budget.member()
                yield from _member(data, start, info, budget)
            return start + archive.offset
    except (tarfile.TarError, ValueError, EOFError, OverflowError) as error:
        yield Trouble("unscannable", "Broken.Tar", detail=str(error))
    return None


def _member(data: bytes, start: int, info: tarfile.TarInfo, budget: Budget) -> Iterator[Member | Trouble]:
    if leaves_directory("", info.name):
        yield Trouble("suspicious", "Path.Tar", info.name, "leaves the directory")
    if info.issparse():
        yield Trouble("unscannable", "Sparse.Tar", info.name)
    elif info.isreg() or info.type not in _KNOWN:  # POSIX: a type nobody knows is a regular file
        at = start + info.offset_data
        content = data[at : at + info.size]
        budget.spend(len(content))
        yield Member(info.name, content)
        if len(content) < info.size:
            yield Trouble("unscannable", "Broken.Tar", info.name, "torn off")
    elif info.isdev() or ((info.issym() or info.islnk()) and _leads_out(info)):
        yield Trouble("suspicious", "Link.Tar", info.name, f"a device, or a link to {info.linkname}")


def _is_header(data: bytes, at: int) -> bool:
    """Whether a header stands here: the old format has no magic, so its check sum must be right."""
    field = data[at + 148 : at + 156].strip(b" \0")
    if not field.isdigit() or len(field) > 7 or b"8" in field or b"9" in field or not data[at]:
        return False
    header = data[at : at + _BLOCK]
    return len(header) == _BLOCK and sum(header) - sum(header[148:156]) + 8 * 0x20 == int(field, 8)


def _leads_out(info: tarfile.TarInfo) -> bool:
    """Whether a link leads out of the archive; a hard link counts from its root, a symbolic one from where it lies."""
    return leaves_directory(info.name if info.issym() else "", info.linkname)
