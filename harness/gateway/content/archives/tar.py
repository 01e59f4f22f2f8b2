"""tar - ustar, GNU and pax archives (POSIX.1-1988 and -2001), read from memory."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.budget import Budget
from harness.gateway.content.part import Part, leaves_directory


@archives.register("tar")
class Tar:
    """Only regular files are objects; devices, and names and links that leave the directory, are told."""

    @staticmethod
    def recognises(part: Part) -> bool:
        return part.data[257:262] == b"ustar"

    @staticmethod
    def members(part: Part, budget: Budget) -> Iterator[Member | Trouble]:
        # The archive lies in memory already, so no member can be larger than it: sparse files apart, which are refused.
        stream = io.BytesIO(part.data)
        try:
            with tarfile.open(fileobj=stream, mode="r:", errorlevel=1) as archive:
                for info in archive:
                    budget.member()
                    if leaves_directory("", info.name):
                        yield Trouble("suspicious", "Path.Tar", info.name, "leaves the directory")
                    if info.issparse():
                        yield Trouble("unscannable", "Sparse.Tar", info.name)
                    elif info.isreg():
                        data = part.data[info.offset_data : info.offset_data + info.size]
                        budget.spend(len(data))
                        yield Member(info.name, data)
                        if len(data) < info.size:
                            yield Trouble("unscannable", "Broken.Tar", info.name, "torn off")
                    elif info.isdev() or (
                        (info.issym() or info.islnk()) and leaves_directory(info.name, info.linkname)
                    ):
                        yield Trouble("suspicious", "Link.Tar", info.name, f"a device, or a link to {info.linkname}")
        except (tarfile.TarError, ValueError, EOFError, OverflowError) as error:
            yield Trouble("unscannable", "Broken.Tar", detail=str(error))


def _leads_out(info: tarfile.TarInfo) -> bool:
    """Whether a link leads out of the archive; a hard link counts from its root, a symbolic one from where it lies."""
    return leaves_directory(info.name if info.issym() else "", info.linkname)
