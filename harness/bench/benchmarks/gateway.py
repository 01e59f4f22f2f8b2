"""gateway - messages a second of the reference gateway under smtp-source(1), against smtp-sink(1). (IO)"""

from __future__ import annotations

from pathlib import Path

from harness.bench.benchmark import Figure, benchmarks
from harness.bench.measure import free_port, in_turns, listens, program, python, running, seconds

_MESSAGES = 5000


@benchmarks.register("gateway")
def gateway() -> Figure:
    """10 sessions at once, messages of 1 KiB, everything accepted and thrown away.  Raises Unavailable."""
    source, sink = program("smtp-source", "postfix"), program("smtp-sink", "postfix")
    ours, peer = free_port(), free_port()
    config = Path("corpus/gateways/accept-all")
    command = python(
        "-m", "harness.gateway", str(config), "--listen", f"127.0.0.1:{ours}", "--log", "/dev/null",
        "--set", "default_transport=discard:", "--set", "relay_transport=discard:",
    )  # fmt: skip

    def rate(port: int) -> float:
        load = [source, "-s", "10", "-m", str(_MESSAGES), "-l", "1024", "-t", "user@ok.test", f"127.0.0.1:{port}"]
        return _MESSAGES / seconds(load)

    # A privileged user's smtp-sink insists on another user to run as.
    with (
        running(command, lambda: listens(ours)),
        running([sink, "-u", "nobody", f"127.0.0.1:{peer}", "128"], lambda: listens(peer)),
    ):
        mine, its = in_turns(lambda: rate(ours), lambda: rate(peer))
    return Figure("gateway", mine, its, "msg/s", "smtp-sink", 0.8)
