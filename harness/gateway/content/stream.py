"""stream - compressed streams one behind the other, read in bounded pieces; what follows the last one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from harness.gateway.content.archive import Trouble


class Decompressor(Protocol):
    """What zlib, bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Streams:
    """The concatenation of streams in `data`, given piece by piece by `read`."""

    def __init__(
        self,
        data: bytes,
        make: Callable[[], Decompressor],
        magic: bytes,
        error: type[Exception] | tuple[type[Exception], ...],
    ) -> None:
        """`make` gives a fresh decompressor, `magic` tells a further stream from trailing data."""
        self.make, self.magic, self.error = make, magic, error
        self.decompressor = make()
        self.pending = data
        self.broken = self.torn = False
        self.rest = b""

    def read(self, most: int) -> bytes:
        """The next piece of at most so many bytes; empty at the end, and at the first damage."""
        while not self.broken:
            if self.decompressor.eof:
                rest = self.decompressor.unused_data
                if not rest.startswith(self.magic):
                    self.rest = rest
                    return b""
                self.decompressor, self.pending = self.make(), rest
            try:
                piece = self.decompressor.decompress(self.pending, most)
            except self.error:
                self.broken = True
                return b""
            # zlib hands the unread input back; bz2 and lzma keep it themselves.
            self.pending = getattr(self.decompressor, "unconsumed_tail", b"")
            if piece:
                return piece
            if not self.decompressor.eof and not self.pending:
                self.torn = True
                return b""
        return b""

    def troubles(self, kind: str) -> Iterator[Trouble]:
        """What was wrong, once `read` has given everything."""
        if self.broken or self.torn:
            yield Trouble("unscannable", f"Broken.{kind}", detail="torn off" if self.torn else "damaged")
        elif self.rest.strip(b"\0"):
            yield Trouble("suspicious", f"TrailingData.{kind}", detail=f"{len(self.rest)} bytes behind the end")


def stem(name: str, suffix: str, tar_suffix: str) -> str:
    """The name of the file inside: `a.txt` of `a.txt.gz`, `a.tar` of `a.tgz`, else the name with `.out`."""
    lower = name.lower()
    if lower.endswith(suffix):
        return name[: -len(suffix)]
    if lower.endswith(tar_suffix):
        return name[: -len(tar_suffix)] + ".tar"
    return f"{name}.out" if name else "content"
