"""log_file - the mail log as a file, or standard error: the lines of some milliseconds are written at once. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import os

_SOON_S, _AGAIN_S = 0.01, 1.0  # until lines are written; until they are tried again
_MOST = 1 << 20  # bytes that may wait for room on the disk


class LogFile:
    """A sink of MailLog.  What a full disk does not take waits for room; past 1 MiB lines are counted, not kept."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._waiting: list[bytes] = []
        self._bytes = self._lost = 0
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, line: str) -> None:
        data = f"{line}\n".encode("utf-8", "surrogateescape")
        if self._bytes + len(data) > _MOST:
            self._lost += 1
            return
        self._waiting.append(data)
        self._bytes += len(data)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SOON_S, self._write)

    def flush(self) -> None:
        """Write what there is now, if that can be."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._lost and self._bytes < _MOST:
            self._waiting.append(f"... {self._lost} lines could not be written\n".encode())
            self._lost = 0
        data, written = b"".join(self._waiting), 0
        with contextlib.suppress(OSError):
            while written < len(data):
                written += os.write(self._handle, data[written:])
        self._waiting = [data[written:]] if written < len(data) else []
        self._bytes = len(data) - written

    def _write(self) -> None:
        self.flush()
        if self._waiting or self._lost:
            self._timer = asyncio.get_running_loop().call_later(_AGAIN_S, self._write)
