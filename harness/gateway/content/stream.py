"""stream - compressed streams one behind the other, read in bounded pieces; what follows the last one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from harness.gateway.content.archive import Trouble
from harness.gateway.content.budget import KIB

_BLOCK = 64 * KIB  # fed at once: zlib copies what it has not read, so a large block would cost a square


class Decompressor(Protocol):
    """What zlib, bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Streams:
    """The concatenation of streams in `data` from `start` on, given piece by piece by `read`."""

    def __init__(
        self,
        data: bytes,
        make: Callable[[], Decompressor],
        magic: bytes,
        error: type[Exception] | tuple[type[Exception], ...],
        start: int = 0,
        end: int | None = None,
    ) -> None:
        """`make` gives a fresh decompressor, `magic` tells a further stream from trailing data."""
        self.make, self.magic, self.error = make, magic, error
        self.decompressor = make()
        self.data, self.at = data, start
        self.end = len(data) if end is None else end
        self.broken = self.torn = False
        self.rest = b""

    def read(self, most: int) -> bytes:
        """The next piece of at most so many bytes; empty at the end, and at the first damage."""
        while not self.broken:
            if self.decompressor.eof:
                self.at -= len(self.decompressor.unused_data)
                if not self.data.startswith(self.magic, self.at, self.end) or not self.magic:
                    self.rest = self.data[self.at : self.end]
                    return b""
                self.decompressor = self.make()
            # zlib hands the unread input back; bz2 and lzma keep it themselves and say when they need more.
            pending = getattr(self.decompressor, "unconsumed_tail", b"")
            if not pending and getattr(self.decompressor, "needs_input", True):
                pending = self.data[self.at : min(self.at + _BLOCK, self.end)]
                self.at += len(pending)
            try:
                piece = self.decompressor.decompress(pending, most)
            except self.error:
                self.broken = True
                return b""
            if piece:
                return piece
            if not self.decompressor.eof and not pending and self.at >= self.end:
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
