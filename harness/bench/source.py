"""source - `gauntlet source`: mail for a server, as fast as it takes it or at a rate, as smtp-source(1). (IO)"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from harness.arrivals import parse_arrivals
from harness.bench.measured import Measured
from harness.bench.side import under_load
from harness.bench.table import measured_lines
from harness.bench.workload import Job, job_of
from harness.errors import TargetError, UsageError
from harness.replay.script import script_of
from harness.scenario import Load, Send

Address = tuple[str, int]


def letter(
    size: int = 1024,
    sender: str = "foo@load.test",
    recipients: Sequence[str] = ("user@ok.test",),
    helo: str = "load.test",
) -> Job:
    """A mail of about so many bytes."""
    head = f"From: <{sender}>\r\nTo: <{recipients[0]}>\r\nSubject: load\r\n\r\n".encode("utf-8", "surrogateescape")
    content = head + (b"X" * 78 + b"\r\n") * max(1, (size - len(head)) // 80)
    return job_of("letter", script_of(Send(sender=sender, to=list(recipients)), content, helo))


def source(
    address: Address,
    *,
    sender: str,
    recipients: Sequence[str],
    connections: int,
    messages: int,
    size: int,
    reuse: int,
    arrivals: str | None,
    processes: int,
) -> int:
    """Send, and print what came of it.  1 when a message was not accepted.

    Raises TargetError when nobody listens there, UsageError for numbers and rates that mean nothing.
    """
    if min(connections, messages, reuse, processes) < 1:
        raise UsageError("connections, messages and processes are 1 or more")
    try:
        if arrivals:
            parse_arrivals(arrivals)
    except ValueError as error:
        raise UsageError(f"--rate: {error}") from None
    sessions = -(-messages // reuse)
    wanted = Load(sessions=sessions, connections=connections, processes=processes, arrivals=arrivals or "")
    seen = asyncio.run(_send(address, letter(size, sender, recipients).repeated(reuse), wanted))
    print("\n".join(measured_lines(seen.figures(), seen)))
    if not seen.finished:
        raise TargetError(f"{address[0]}:{address[1]}: {seen.hopeless or ', '.join(seen.errors) or 'no answer'}")
    return int(seen.messages < sessions * reuse)


async def _send(address: Address, job: Job, wanted: Load) -> Measured:
    with ProcessPoolExecutor(wanted.processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        return await under_load(pool, address, (job,), wanted, 1)
