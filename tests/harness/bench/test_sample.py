"""sample: processor time, memory and files of a process and of those below it; how late our own loop is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from harness.bench.sample import Sampler

WORK = "import time; time.sleep(0.1); t = time.process_time()\nwhile time.process_time() - t < 0.1: pass\ninput()"
NESTED = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORK!r}])"


def test_what_a_process_and_its_children_take() -> None:
    async def watched() -> dict[str, float]:
        sampler = Sampler([process.pid])
        sampler.begin()
        await asyncio.sleep(0.4)
        time.sleep(0.1)  # noqa: ASYNC251 - our own loop is late
        await asyncio.sleep(0.02)
        return await sampler.end()

    with subprocess.Popen([sys.executable, "-c", NESTED], stdin=subprocess.PIPE) as process:
        try:
            taken = asyncio.run(watched())
        finally:
            process.kill()
    assert 0.1 <= taken["cpu_s"] < 0.5 and taken["rss"] > 4 << 20 and taken["files"] >= 6
    assert taken["world.lag.max"] > 0.08 and taken["world.cpu"] < 0.9


def test_a_process_that_is_gone_takes_nothing() -> None:
    async def watched() -> dict[str, float]:
        sampler = Sampler([process.pid])
        sampler.begin()
        return await sampler.end()

    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    taken = asyncio.run(watched())
    assert taken["cpu_s"] == taken["rss"] == 0
