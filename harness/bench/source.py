"""source - `gauntlet source`: mail for a server, as fast as it takes it or at a rate, as smtp-source(1). (IO)"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.bench.limits import allow_connections
from harness.bench.loadtest import drivers
from harness.bench.measured import INTERRUPTED, Measured
from harness.bench.outcome import STOPPED
from harness.bench.side import under_load
from harness.bench.table import measured_lines
from harness.bench.workload import Job, job_of
from harness.errors import ScenarioError, TargetError, UsageError
from harness.recorded import arrivals_of
from harness.replay.script import duration, script_of
from harness.scenario import Load, Send

Address = tuple[str, int]

_LINE = b"X" * 78 + b"\r\n"
_DIFFERENT = 1000  # recipients under different numbers, at most


@dataclass(frozen=True)
class Mail:
    """What is sent.  `recipients` get it together; with `many`, each becomes so many, a number before its name."""

    size: int = 1024  # of the body, as smtp-source's -l
    sender: str = "foo@load.test"
    recipients: tuple[str, ...] = ("user@ok.test",)
    helo: str = "load.test"
    subject: str = "load"
    many: int = 1
    file: str = ""  # whose content is sent instead
    numbered: bool = False  # no recipient twice, so that no cache helps the server

    def job(self, number: int = 0) -> Job:
        """The session that brings it.  Raises UsageError for a file that cannot be read."""
        recipients = [
            f"{place or ''}{number if self.numbered else ''}{address}"
            for address in self.recipients
            for place in (range(1, self.many + 1) if self.many > 1 else (0,))
        ]
        send = Send(sender=self.sender, to=recipients)
        return job_of("letter", script_of(send, self._content(recipients[0]), self.helo))

    def _content(self, recipient: str) -> bytes:
        if self.file:
            try:
                lines = Path(self.file).read_bytes().splitlines()
            except OSError as error:
                raise UsageError(f"{self.file}: {error.strerror}") from None
            return b"".join(line + b"\r\n" for line in lines)
        head = f"From: <{self.sender}>\r\nTo: <{recipient}>\r\nSubject: {self.subject}\r\n\r\n"
        body = _LINE * (self.size // len(_LINE))
        rest = self.size - len(body)
        return head.encode("utf-8", "surrogateescape") + body + (b"X" * (rest - 2) + b"\r\n" if rest > 1 else b"")


def letter(size: int = 1024, recipients: Sequence[str] = ("user@ok.test",)) -> Job:
    """A mail whose body has so many bytes."""
    return Mail(size, recipients=tuple(recipients)).job()


def source(
    address: Address,
    mail: Mail,
    wanted: Load,
    messages: int = 0,
    *,
    family: int = 0,
    lenient: bool = False,
    count: bool = False,
) -> int:
    """Send, and print what came of it.  1 when a message was not accepted, unless `lenient`; 130 at Ctrl-C.

    So many messages, `wanted.reuse` over one connection, the rest over the last one; 0: as many as the duration
    allows.  Raises TargetError when nobody listens there, UsageError for numbers, rates and names that mean nothing.
    """
    if min(wanted.connections, wanted.reuse, wanted.processes, mail.many) < 1 or mail.size < 0 or messages < 0:
        raise UsageError("connections, messages, recipients and processes are 1 or more")
    try:
        arrivals = arrivals_of(wanted.arrivals, Path()).text if wanted.arrivals else ""
        if wanted.duration and not duration(wanted.duration):
            raise ValueError("a load that takes no time has no session")
    except (ValueError, ScenarioError) as error:
        raise UsageError(f"--rate (-w, -R) or --duration: {error}") from None
    allow_connections(wanted.connections)
    at = _resolved(address, family)
    sessions = -(-messages // wanted.reuse)
    different = min(_DIFFERENT, sessions or _DIFFERENT) if mail.numbered else 1
    jobs = tuple(mail.job(number + 1).repeated(wanted.reuse) for number in range(different))
    rest = messages % wanted.reuse
    last = mail.job(different).repeated(rest) if rest else None
    seen = asyncio.run(send(at, jobs, replace(wanted, arrivals=arrivals, sessions=sessions), last))
    if count:
        print(seen.messages)
    print("\n".join(measured_lines(seen.figures(), seen)))
    if not seen.finished and seen.hopeless != INTERRUPTED:
        raise TargetError(f"{address[0]}:{address[1]}: {seen.hopeless or ', '.join(seen.errors) or 'no answer'}")
    if seen.hopeless == INTERRUPTED:
        return STOPPED
    due = messages if seen.started == sessions else seen.started * wanted.reuse
    return int(not lenient and (seen.messages < due or bool(seen.errors)))


async def send(address: Address, jobs: tuple[Job, ...], wanted: Load, last: Job | None = None) -> Measured:
    """These sessions, `last` as the very last; as fast as can be where no rate is asked for."""
    with drivers(wanted.processes) as pool:
        return await under_load(pool, address, jobs, wanted, 1, last=last, eager=not wanted.arrivals)


def _resolved(address: Address, family: int) -> Address:
    """Name to number, once: the driver's loop must never wait for a resolver."""
    try:
        found = socket.getaddrinfo(*address, family, socket.SOCK_STREAM)
    except OSError as error:
        raise UsageError(f"{address[0]}: {error.strerror or error}") from None
    host, port = found[0][4][:2]
    return str(host), int(port)
