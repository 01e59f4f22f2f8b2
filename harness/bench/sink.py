"""sink - `gauntlet sink`: a server that takes every mail and keeps none, as smtp-sink(1); XCLIENT is welcome. (IO)

A recipient may ask for more: `user+tempfail@`, `user+permfail@`, `user+slow@`.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from functools import cache, partial
from typing import cast

from harness.replay.hop_script import BY_HAND, HopScript
from harness.replay.script import duration
from harness.smtp.events import ChunkReceived, Closed, CommandReceived, DataReceived, LineTooLong
from harness.smtp.server import ServerConnection

Address = tuple[str, int]

_EHLO = (
    b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-ENHANCEDSTATUSCODES\r\n"
    b"250 XCLIENT NAME ADDR PORT PROTO HELO REVERSE_NAME LOGIN DESTADDR DESTPORT\r\n"
)
GREETING, OK, BYE = b"220 sink.test ESMTP\r\n", b"250 2.0.0 Ok\r\n", b"221 2.0.0 Bye\r\n"
GO_ON, WHAT = b"354 End data with <CR><LF>.<CR><LF>\r\n", b"500 5.5.2 Error: command not recognized\r\n"
ANSWERS = {
    b"EHLO": _EHLO, b"HELO": b"250 sink.test\r\n", b"MAIL": OK, b"RCPT": OK, b"RSET": OK, b"NOOP": OK,
    b"VRFY": b"252 2.0.0 Ok\r\n", b"XCLI": GREETING,
}  # fmt: skip


class Counts:
    """What a sink has seen."""

    def __init__(self) -> None:
        self.sessions = self.messages = self.open = self.ended = 0


class SinkProtocol(asyncio.Protocol):
    """One client."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.connection = ServerConnection()
        self.late = 0.0  # so many seconds the next answer takes
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.counts.sessions += 1
        self.transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.connection.receive(data)
        if not self.late:
            self._answer(b"")

    def _answer(self, said: bytes) -> None:
        connection = self.connection
        while (event := connection.next_event()) is not None:
            if isinstance(event, CommandReceived):
                answer = self._command(event.line)
                said += answer
                if self.late:
                    self.transport.write(said)
                    asyncio.get_running_loop().call_later(self.late, self._resume)
                    return
                if answer is BYE:
                    self.transport.write(said)
                    self.transport.close()
                    return
            elif isinstance(event, (DataReceived, ChunkReceived)):
                self.counts.messages += isinstance(event, DataReceived)
                said += OK
            elif isinstance(event, LineTooLong):
                said += WHAT
            elif isinstance(event, Closed):
                break
        if said:
            self.transport.write(said)

    def _resume(self) -> None:
        """It is late enough: the answer to what was asked last, and to what came since."""
        self.late = 0.0
        if not self.transport.is_closing():
            self._answer(OK)

    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT" and b"+" in line:
            return self._rcpt(line)
        if verb == b"DATA":
            self.connection.expect_data()
            return GO_ON
        if verb == b"BDAT":
            words = line.split()
            if len(words) < 2 or not words[1].isdigit():
                return b"501 5.5.4 Syntax: BDAT count [LAST]\r\n"
            self.connection.expect_chunk(int(words[1]), last=len(words) > 2)
            return b""
        return BYE if verb == b"QUIT" else ANSWERS.get(verb, WHAT)

    def _rcpt(self, line: bytes) -> bytes:
        """What the recipient says by itself is to become of it."""
        address = line.partition(b"<")[2].rpartition(b">")[0].decode("utf-8", "replace")
        rule = _by_hand().at("rcpt", recipients=(address,))
        if rule is not None and rule.delay is not None:
            self.late = duration(rule.delay)
            return b""
        return OK if rule is None or rule.reply is None else rule.reply.encode() + b"\r\n"


@cache
def _by_hand() -> HopScript:
    return HopScript(also=BY_HAND)


def sink(
    address: Address,
    backlog: int = 512,
    protocol: Callable[[Counts, Callable[[], None]], SinkProtocol] | None = None,
    most: tuple[int, int] = (0, 0),
) -> int:
    """Listen there (port 0: any), say where on one JSON line, and serve until SIGINT or SIGTERM; then say how much.

    Or until so many sessions have ended, or so many messages arrived (0: no limit).  Raises OSError when the address
    cannot be had.
    """
    from harness.cell import run_loop

    return run_loop(_serve(address, backlog, protocol, most))


async def _serve(
    address: Address,
    backlog: int,
    protocol: Callable[[Counts, Callable[[], None]], SinkProtocol] | None,
    most: tuple[int, int],
) -> int:
    loop, stopped, counts = asyncio.get_running_loop(), asyncio.Event(), Counts()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)

    def ended() -> None:
        if (most[0] and counts.ended >= most[0]) or (most[1] and counts.messages >= most[1]):
            server.close()
            if not counts.open:  # whoever is still there may say what it has to say
                stopped.set()

    made = partial(SinkProtocol, counts) if protocol is None else partial(protocol, counts, ended)
    server = await loop.create_server(made, *address, backlog=backlog)
    print(json.dumps({"smtp": server.sockets[0].getsockname()[:2]}), flush=True)
    await stopped.wait()
    server.close()
    print(json.dumps({"sessions": counts.sessions, "messages": counts.messages}), flush=True)
    return 0
