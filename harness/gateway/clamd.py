"""clamd - ask a ClamAV daemon about some bytes: INSTREAM over a Unix or TCP socket (clamd(8)). (IO)"""

from __future__ import annotations

import asyncio
import struct

_CHUNK = 64 * 1024
_LONGEST_REPLY = 4096


class ClamdError(Exception):
    """The daemon is not there, took too long, or said something that is no verdict."""


class Clamd:
    """One daemon; a connection for each object, as clamd's own clients do."""

    def __init__(self, address: str | tuple[str, int], timeout_s: float) -> None:
        """A path, or host and port."""
        self.address, self.timeout_s = address, timeout_s

    async def names_in(self, data: bytes) -> tuple[str, ...]:
        """The name of what the daemon finds, () when it says OK.  Raises ClamdError for anything but a verdict."""
        try:
            return _verdict(await asyncio.wait_for(self._ask(data), self.timeout_s))
        except TimeoutError:
            raise ClamdError(f"clamd at {self._shown()} took longer than {self.timeout_s:g} s") from None
        except OSError as error:
            raise ClamdError(f"clamd at {self._shown()}: {error.strerror or error}") from None

    async def _ask(self, data: bytes) -> bytes:
        if isinstance(self.address, str):
            reader, writer = await asyncio.open_unix_connection(self.address, limit=_LONGEST_REPLY)
        else:
            reader, writer = await asyncio.open_connection(*self.address, limit=_LONGEST_REPLY)
        try:
            writer.write(b"zINSTREAM\0")
            try:
                for at in range(0, len(data), _CHUNK):
                    chunk = data[at : at + _CHUNK]
                    writer.write(struct.pack(">L", len(chunk)) + chunk)
                    await writer.drain()
                writer.write(bytes(4))
                await writer.drain()
            except ConnectionError:
                pass  # it has seen enough, and its reply says of what
            return await reader.read(_LONGEST_REPLY)
        finally:
            writer.close()

    def _shown(self) -> str:
        return self.address if isinstance(self.address, str) else "%s:%d" % self.address


def _verdict(reply: bytes) -> tuple[str, ...]:
    text = reply.rstrip(b"\0\n").decode("utf-8", "replace")
    what, colon, said = text.partition(": ")
    if what == "stream" and colon and said == "OK":
        return ()
    if what == "stream" and said.endswith(" FOUND") and said != " FOUND":
        return (said.removesuffix(" FOUND"),)
    raise ClamdError(f"clamd said {text[:100]!r}" if text else "clamd closed the connection without an answer")
