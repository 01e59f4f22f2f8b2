"""measure - start programs on ports of their own, take figures in turns, and compare medians. (IO)"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

from harness.bench.benchmark import Unavailable

ROUNDS = 3
_START_S = 20.0


def program(name: str, package: str) -> str:
    """Where a program is.  Raises Unavailable."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/lib/postfix/sbin")
    if path is None:
        raise Unavailable(f"{name} is missing (Debian: {package})")
    return path


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: Sequence[str], ready: Callable[[], bool]) -> Iterator[int]:
    """A program in the background, from when it is ready to the end of the block; its pid.  Raises Unavailable."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _START_S
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                assert process.stderr is not None
                said = process.stderr.read().decode("utf-8", "replace").strip()
                raise Unavailable(f"{command[0]} did not start: {said or 'it said nothing'}")
            time.sleep(0.01)
        yield process.pid
    finally:
        process.terminate()
        process.communicate(timeout=10)


def listens(port: int) -> bool:
    """Whether something accepts on this TCP port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def python(*arguments: str) -> list[str]:
    """The command line that runs this interpreter."""
    return [sys.executable, *arguments]


def in_turns(ours: Callable[[], float], peer: Callable[[], float]) -> tuple[float, float]:
    """Medians of both, measured alternately, so that a busy moment of the machine hits both."""
    pairs = [(ours(), peer()) for _ in range(ROUNDS)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def seconds(command: Sequence[str]) -> float:
    """How long a command takes.  Raises Unavailable when it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    took = time.perf_counter() - started
    if done.returncode:
        raise Unavailable(f"{' '.join(command)}: {done.stderr.decode('utf-8', 'replace').strip()[-300:]}")
    return took
