"""manners - how `gauntlet sink` behaves when it is not simply to take everything: the options of smtp-sink(1). (IO)

Commands are named as there: connect, helo, ehlo, mail, rcpt, data, `.` (the end of the data), rset, noop, and so on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import cast

from harness.bench.sink import ANSWERS, BYE, GO_ON, OK, WHAT, Counts, SinkProtocol
from harness.errors import UsageError, did_you_mean
from harness.smtp.events import ChunkReceived, Closed, CommandReceived, DataReceived, Event, LineTooLong

COMMANDS = ("connect", "helo", "ehlo", "mail", "rcpt", "data", ".", "rset", "noop", "vrfy", "xclient", "quit")
_KEYWORDS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES", "XCLIENT")
_XCLIENT = "XCLIENT NAME ADDR PORT PROTO HELO REVERSE_NAME LOGIN DESTADDR DESTPORT"
_FULL = b"421 4.7.0 sink.test Error: too many connections\r\n"


@dataclass(frozen=True)
class Manners:
    """What is not as usual.  `soft`, `hard`, `hang_up`, `say_421`: commands; `delays`: command -> (s, odds in %)."""

    hostname: str = "sink.test"
    esmtp: bool = True
    without: frozenset[str] = frozenset()  # keywords of EHLO that are not offered
    soft: frozenset[str] = frozenset()
    hard: frozenset[str] = frozenset()
    hang_up: frozenset[str] = frozenset()
    say_421: frozenset[str] = frozenset()
    soft_reply: str = "450 4.3.0 Error: command failed"
    hard_reply: str = "500 5.3.0 Error: command failed"
    delays: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    abort_s: float | None = None  # after DATA, this late, 550 and no more
    most: int = 0  # at once; 0: no limit
    sessions: int = 0  # after so many it ends
    messages: int = 0
    seed: int = 1


def commands(text: str) -> frozenset[str]:
    """`rcpt,data,.` as smtp-sink's -f, -r and -q have it.  Raises UsageError with the nearest right name."""
    found = [word.strip().lower() for word in text.split(",") if word.strip()]
    for word in found:
        if word not in COMMANDS:
            raise UsageError(f"no command {word!r}{did_you_mean(word, COMMANDS)}; there are {' '.join(COMMANDS)}")
    return frozenset(found)


def delay(text: str) -> tuple[str, tuple[float, int]]:
    """`rcpt:0.5` or `rcpt:0.5:90` as smtp-sink's -W has it.  Raises UsageError."""
    name, _, rest = text.partition(":")
    seconds, _, odds = rest.partition(":")
    (command,) = commands(name) or {""}
    try:
        wait, chance = float(seconds), int(odds or 0)
    except ValueError:
        wait, chance = -1.0, 0
    if not command or not 0 <= wait < float("inf") or not 0 <= chance < 100:
        raise UsageError(f"expects COMMAND:SECONDS[:ODDS], odds from 1 to 99, got {text!r}")
    return command, (wait, chance)


class MannersProtocol(SinkProtocol):
    """One client of such a sink; `ended` is told of the end of each session and of each message."""

    def __init__(self, counts: Counts, manners: Manners, random: Random, ended: Callable[[], None]) -> None:
        super().__init__(counts)
        self.manners, self.random, self.ended = manners, random, ended
        self.waiting = self.deaf = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.counts.sessions += 1
        self.counts.open += 1
        if self.manners.most and self.counts.open > self.manners.most:
            self._say(_FULL, hang_up=True)
            return
        self._do("connect", f"220 {self.manners.hostname} {'ESMTP' if self.manners.esmtp else 'SMTP'}\r\n".encode())

    def connection_lost(self, exc: Exception | None) -> None:
        self.deaf = True
        self.counts.open -= 1
        self.counts.ended += 1
        self.ended()

    def data_received(self, data: bytes) -> None:
        self.connection.receive(data)
        self._go_on()

    def _go_on(self) -> None:
        while not self.waiting and not self.deaf and (event := self.connection.next_event()) is not None:
            self._event(event)

    def _event(self, event: Event) -> None:
        if isinstance(event, CommandReceived):
            self._line(event.line)
        elif isinstance(event, (DataReceived, ChunkReceived)):
            self._do(".", OK, count=isinstance(event, DataReceived))
        elif isinstance(event, LineTooLong):
            self._say(WHAT)
        elif isinstance(event, Closed):
            self.deaf = True

    def _line(self, line: bytes) -> None:
        verb = line[:4].upper()
        name = {"xcli": "xclient"}.get(word := verb.decode("ascii", "replace").strip().lower(), word)
        if verb == b"BDAT":
            if answer := self._command(line):
                self._say(answer)
        elif verb == b"QUIT":
            self._do(name, BYE)
        elif verb == b"DATA":
            self._do(name, GO_ON)
        elif verb == b"EHLO":
            self._do(name, self._hello() if self.manners.esmtp else WHAT)
        elif verb == b"HELO":
            self._do(name, f"250 {self.manners.hostname}\r\n".encode())
        elif verb == b"XCLI" and "XCLIENT" in self.manners.without:
            self._say(WHAT)
        elif verb == b"RCPT" and b"+" in line:
            self._by_itself(line)
        else:
            self._do(name, ANSWERS.get(verb, WHAT))

    def _by_itself(self, line: bytes) -> None:
        """A recipient that says what is to become of it: that comes on top of the manners."""
        answer = self._rcpt(line)
        if self.late:
            self._wait(self.late, OK)
            self.late = 0.0
        else:
            self._do("rcpt", answer)

    def _do(self, name: str, answer: bytes, *, count: bool = False) -> None:
        """Answer a command, late or otherwise if so it shall be."""
        manners = self.manners
        if name in manners.hang_up:
            self._say(b"", hang_up=True)
        elif name in manners.say_421:
            self._say(b"421 4.0.0 Server closing connection\r\n", hang_up=True)
        elif name in manners.hard:
            answer = f"{manners.hard_reply}\r\n".encode()
        elif name in manners.soft:
            answer = f"{manners.soft_reply}\r\n".encode()
        elif count:
            self.counts.messages += 1
            self.ended()
        if self.deaf:
            return
        seconds, odds = manners.delays.get(name, (0.0, 0))
        while odds and self.random.randrange(100) < odds:  # smtp-sink(1) -W: as often as the dice stays below
            seconds += manners.delays[name][0]
        if not seconds:
            self._say(answer)
            return
        self._wait(seconds, answer)

    def _wait(self, seconds: float, answer: bytes) -> None:
        self.waiting = True
        self.transport.pause_reading()
        asyncio.get_running_loop().call_later(seconds, self._late, answer)

    def _late(self, answer: bytes) -> None:
        if self.deaf:
            return
        self.waiting = False
        self.transport.resume_reading()
        self._say(answer)
        self._go_on()

    def _say(self, answer: bytes, *, hang_up: bool = False) -> None:
        if self.deaf:
            return
        self.transport.write(answer)
        if hang_up or answer is BYE:
            self.deaf = True
            self.transport.close()
        elif answer is GO_ON:
            self.connection.expect_data()
            if self.manners.abort_s is not None:
                self.waiting = True
                self.transport.pause_reading()
                asyncio.get_running_loop().call_later(self.manners.abort_s, self._abort)

    def _abort(self) -> None:
        self._say(b"550 5.0.0 This is a test\r\n", hang_up=True)

    def _hello(self) -> bytes:
        offered = [word for word in _KEYWORDS if word not in self.manners.without]
        lines = [self.manners.hostname, *(_XCLIENT if word == "XCLIENT" else word for word in offered)]
        return "".join(f"250{'-' if line is not lines[-1] else ' '}{line}\r\n" for line in lines).encode()
