"""client - messages a second of our load client, against smtp-source(1), both into the same smtp-sink(1). (IO)"""

from __future__ import annotations

from dataclasses import replace

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.measure import in_turns, program, seconds
from harness.bench.peer import baseline
from harness.bench.source import letter, send
from harness.bench.workload import Job
from harness.cell import run_loop
from harness.scenario import Load

_MESSAGES = 10000
_AT_ONCE = 10
_OVER_ONE = _MESSAGES // _AT_ONCE  # messages over one connection, where it is used again: smtp-source opens no other


@benchmarks.register("client")
def client() -> Figure:
    """A connection for each message, 10 at once, 1 KiB.  Raises Unavailable."""
    return _against_smtp_source("client", 1, 1.0)


@benchmarks.register("client_reuse")
def client_reuse() -> Figure:
    """The same, many messages over one connection.  Raises Unavailable."""
    return _against_smtp_source("client_reuse", _OVER_ONE, 1.0)


@benchmarks.register("client_two")
def client_two() -> Figure:
    """A connection for each message, from two processes, 5 at once each.  Raises Unavailable."""
    return _against_smtp_source("client_two", 1, 1.3, processes=2)


def _against_smtp_source(name: str, reuse: int, floor: float, processes: int = 1) -> Figure:
    source, job = program("smtp-source", "postfix"), _letter().repeated(reuse)
    wanted = Load(sessions=_MESSAGES // reuse, connections=_AT_ONCE, processes=processes)

    with baseline() as peer:
        if peer.name != "smtp-sink":
            raise Unavailable("smtp-sink is missing (Debian: postfix)")

        def ours() -> float:
            return run_loop(send(peer.address, (job,), wanted)).figures()["messages.rate"]

        where = f"{peer.address[0]}:{peer.address[1]}"
        command = [source, *(["-d"] if reuse > 1 else []), "-s", str(_AT_ONCE), "-m", str(_MESSAGES), "-l", "1024",
                   "-t", "user@ok.test", where]  # fmt: skip
        mine, its = in_turns(ours, lambda: _MESSAGES / seconds(command))
    return Figure(name, mine, its, "msg/s", "smtp-source", floor)


def _letter() -> Job:
    """What smtp-source says: it greets with HELO, which costs smtp-sink less than EHLO."""
    job = letter()
    return replace(job, turns=tuple(replace(turn, data=turn.data.replace(b"EHLO", b"HELO", 1)) for turn in job.turns))
