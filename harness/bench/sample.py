"""sample - what a target's processes take while it is under load: processor time, memory, open files. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterable

_EVERY_S = 0.25


class Sampler:
    """Watches every process below this one, in the background, from `begin` to `end`.

    But for the `others`, and for those of multiprocessing: these are the harness's own load clients.
    """

    def __init__(self, others: Iterable[int] = ()) -> None:
        self._others = set(others)
        self._cpu: dict[int, float] = {}
        self._before: dict[int, float] = {}
        self._rss = self._files = 0
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0

    def begin(self) -> None:
        """Start to watch."""
        self._look()
        self._before, self._began = dict(self._cpu), time.monotonic()
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def end(self) -> dict[str, float]:
        """The figures: gateway.cpu as a share of one processor, gateway.rss.max in bytes, gateway.files.max."""
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._look()
        spent = sum(used - self._before.get(pid, 0.0) for pid, used in self._cpu.items())
        seconds = max(time.monotonic() - self._began, 1e-9)
        return {
            "gateway.cpu": spent / seconds,
            "gateway.rss.max": float(self._rss),
            "gateway.files.max": float(self._files),
        }

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            self._look()

    def _look(self) -> None:
        import psutil

        rss = files = 0
        for process in psutil.Process(os.getpid()).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if process.pid not in self._cpu and any("multiprocessing" in word for word in process.cmdline()):
                    self._others.add(process.pid)
                if process.pid in self._others:
                    continue
                times = process.cpu_times()
                self._cpu[process.pid] = times.user + times.system
                rss += process.memory_info().rss
                files += process.num_fds()
        self._rss, self._files = max(self._rss, rss), max(self._files, files)
