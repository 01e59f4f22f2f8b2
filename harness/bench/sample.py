"""sample - what a target's processes take while it is under load, and how the harness's own world keeps up. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.bench.measured import quantiles

_EVERY_S = 0.1
_TICK_S = 0.01  # of the loop that serves DNS and next hop: how late a timer of this length is
_IDLE_S = 0.02
_IDLE_CPU_S = 0.001
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Sampler:
    """Watches some processes and all below them, in the background, from `begin` to `end`."""

    def __init__(self, roots: Iterable[int]) -> None:
        self._roots = tuple(roots)
        self._cpu: dict[int, float] = {}
        self._before: dict[int, float] = {}
        self._rss = self._files = 0
        self._lag = array("d")
        self._tasks: list[asyncio.Task[None]] = []
        self._own = self._began = 0.0

    def begin(self) -> None:
        """Start to watch."""
        self._rss = self._files = 0
        self._lag = array("d")
        self._look()
        self._before, self._own, self._began = dict(self._cpu), time.thread_time(), time.monotonic()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._watch()), loop.create_task(self._tick())]

    async def end(self) -> dict[str, float]:
        """What was taken: cpu_s of all the processes, rss in bytes and files at most; and the world's cpu and lag.

        Waits, 2 s at most, until they are idle: what they do for the load after its end is part of it.
        """
        world = (time.thread_time() - self._own) / max(time.monotonic() - self._began, 1e-9)
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._look()
        for _ in range(100):
            before = self._spent()
            await asyncio.sleep(_IDLE_S)
            self._look()
            if self._spent() - before < _IDLE_CPU_S:
                break
        taken = {"cpu_s": self._spent(), "rss": float(self._rss), "files": float(self._files), "world.cpu": world}
        return taken | {f"world.lag.{word}": value for word, value in quantiles(self._lag).items()}

    def _spent(self) -> float:
        return sum(used - self._before.get(pid, 0.0) for pid, used in self._cpu.items())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            self._look()

    async def _tick(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(_TICK_S)
            self._lag.append(max(0.0, time.monotonic() - before - _TICK_S))

    def _look(self) -> None:
        rss = files = 0
        for pid in _family(self._roots):
            with contextlib.suppress(OSError):  # it may end while it is looked at
                self._cpu[pid] = _cpu_s(pid)
                rss += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE
                files += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        self._rss, self._files = max(self._rss, rss), max(self._files, files)


def _family(roots: Iterable[int]) -> Iterator[int]:
    """These processes and all below them.  psutil would read all of /proc for it, and DNS would wait meanwhile."""
    waiting = list(roots)
    while waiting:
        yield (pid := waiting.pop())
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (thread / "children").read_text("ascii").split())


def _cpu_s(pid: int) -> float:
    """Processor time of a process, with all its threads, in ns steps.  Raises OSError.

    Source: clock_getcpuclockid(3); on Linux the number of such a clock is made of the process's id.
    """
    return time.clock_gettime((~pid << 3) | 2)
