"""deflate64 - the one home of inflate64: what Windows' own zip uses for large files, one stream at a time."""

from __future__ import annotations

import inflate64


class Deflate64Error(Exception):
    """The stream is damaged."""


class Deflate64:
    """The interface of zlib.decompressobj over inflate64, which gives all that its input holds at once.

    So the input is fed in small bites: what a bite gives is at most 258 : 1 of it for each code of two bits.
    """

    _BITE = 512

    def __init__(self) -> None:
        self.inflater = inflate64.Inflater()
        self.unconsumed_tail = b""
        self.eof = False
        self.unused_data = b""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """The output of the next bite.  Raises Deflate64Error."""
        out: list[bytes] = []
        size = at = 0
        while at < len(data) and size < max_length and not self.eof:
            try:
                piece = self.inflater.inflate(data[at : at + self._BITE])
            except Exception as error:  # the library has no error of its own
                raise Deflate64Error(repr(error)) from None
            at += self._BITE
            out.append(piece)
            size += len(piece)
            self.eof = self.inflater.eof
        self.unconsumed_tail = b"" if self.eof else data[at:]
        self.unused_data = data[at:] if self.eof else b""
        return b"".join(out)
