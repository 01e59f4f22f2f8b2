"""peer - the baseline that load is compared with: smtp-sink(1) where it is installed, else our own sink. (IO)"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from harness.bench.benchmark import Unavailable
from harness.bench.measure import free_port, listens, program, python, running


@dataclass(frozen=True)
class Peer:
    """Where it listens, what it is, and its processes."""

    address: tuple[str, int]
    name: str
    pids: list[int]


@contextlib.contextmanager
def baseline(wanted: bool = True) -> Iterator[Peer]:
    """A server that takes everything, until the block ends; nothing is started unless it is wanted."""
    if not wanted:
        yield Peer(("", 0), "", [])
        return
    port = free_port()
    try:
        # A privileged user's smtp-sink insists on another user to run as.
        name, command = "smtp-sink", [program("smtp-sink", "postfix"), "-u", "nobody", f"127.0.0.1:{port}", "512"]
    except Unavailable:
        name, command = "gauntlet sink", python("-m", "harness", "sink", f"127.0.0.1:{port}")
    with running(command, lambda: listens(port)) as pid:
        yield Peer(("127.0.0.1", port), name, [pid])
