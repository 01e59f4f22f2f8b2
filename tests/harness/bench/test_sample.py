"""sample: processor time, memory and files of a process and of those below it; how late our own loop is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from harness.bench.sample import Sampler

# Spins, says so, waits for a word, spins again, says so, and waits to be ended.
SPIN = "t = time.process_time()\nwhile time.process_time() - t < 0.1: pass\nprint(flush=True)\ninput()\n"
WORK = f"import time\n{SPIN}{SPIN}"
NESTED = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORK!r}])"


def test_what_a_process_and_its_children_take_from_when_it_is_asked() -> None:
    async def watched() -> dict[str, float]:
        loop = asyncio.get_running_loop()
        assert process.stdin is not None and process.stdout is not None
        await loop.run_in_executor(None, process.stdout.readline)  # what it has done by now does not count
        sampler = Sampler([process.pid])
        sampler.begin()
        process.stdin.write(b"\n")
        process.stdin.flush()
        await loop.run_in_executor(None, process.stdout.readline)
        await asyncio.sleep(0.02)
        time.sleep(0.1)  # noqa: ASYNC251 - our own loop is late
        await asyncio.sleep(0.02)
        return await sampler.end()

    with subprocess.Popen([sys.executable, "-c", NESTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            taken = asyncio.run(watched())
        finally:
            process.kill()
    assert 0.09 <= taken["cpu_s"] < 0.16 and taken["rss"] > 4 << 20 and taken["files"] >= 6
    assert taken["world.lag.max"] > 0.08 and taken["world.cpu"] < 0.95


def test_a_process_that_is_gone_takes_nothing() -> None:
    async def watched() -> dict[str, float]:
        sampler = Sampler([process.pid])
        sampler.begin()
        return await sampler.end()

    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    taken = asyncio.run(watched())
    assert taken["cpu_s"] == taken["rss"] == 0
