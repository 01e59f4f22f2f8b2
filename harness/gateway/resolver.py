"""resolver - three ways to ask DNS: over the wire, from a zone in memory, and with a note of what was asked. (IO)

All answer with the three values of dns.py and never raise.  `ZoneResolver` never suspends: the direct mode.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from typing import Protocol, cast

import fakedns
from fakedns.fault import Answer as AnswerInstead
from fakedns.fault import Delay, Faults, Rcode, Silence, WrongId
from fakedns.wire import (
    FORMERR,
    NOERROR,
    NOTIMP,
    NXDOMAIN,
    REFUSED,
    SERVFAIL,
    Message,
    WireError,
    decode_message,
    encode_name,
    encode_query,
    normal_name,
    type_number,
)
from harness.gateway.dns import Answer, Failed, Found, Missing, Record

_UDP_SIZE = 1232


_ASKED_AGAIN = (SERVFAIL, NOTIMP, REFUSED)


class _Lookup(Protocol):
    async def lookup(self, name: str, rtype: str) -> Answer: ...


def failure(name: str, rtype: str) -> Failed:
    """No answer, in the words of dns_lookup(3) for TRY_AGAIN."""
    return Failed(
        f"Host or domain name not found. Name service error for name={name} type={rtype}: Host not found, try again"
    )


class StubResolver:
    """Asks one server over UDP, and over TCP when the answer did not fit.

    `timeout_s` is for one attempt; silence for all of them is Failed.  A server that says it cannot is asked again,
    too, as often as there are attempts (send_dg in glibc's res_send.c); one that calls a question with EDNS malformed
    is asked without (RFC 6891 6.2.2).  One socket serves every question.
    """

    def __init__(self, server: tuple[str, int], *, timeout_s: float = 2.0, attempts: int = 2) -> None:
        self.server, self.timeout_s, self.attempts = server, timeout_s, attempts
        self._protocol: _Questions | None = None
        self._opening = asyncio.Lock()  # the first questions come at once, and must share one socket

    async def lookup(self, name: str, rtype: str) -> Answer:
        """Records of one type at a name, CNAMEs followed by the server.  Never raises.  Source: RFC 1035 7.1."""
        try:
            number = type_number(rtype)
            encode_query(0, name, number)
        except WireError:
            return Missing(nxdomain=True)  # no message can ask for such a name, so it cannot exist
        try:
            message = await self._ask(name, number)
            if message is not None and message.truncated:
                message = await asyncio.wait_for(self._ask_stream(name, number), self.timeout_s * self.attempts)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            message = None
        return failure(name, rtype) if message is None else _answer(message, name, rtype)

    async def close(self) -> None:
        """Let the socket go; questions still open fail."""
        if self._protocol is not None:
            self._protocol.close()
            self._protocol = None

    async def _ask(self, name: str, number: int) -> Message | None:
        protocol = self._protocol
        if protocol is None or protocol.closed:
            protocol = await self._open()
        message = None
        for _ in range(self.attempts):
            message = await protocol.ask(name, number, self.timeout_s) or message
            if message is not None and message.rcode == FORMERR:
                message = await protocol.ask(name, number, self.timeout_s, udp_size=0)
            if message is not None and message.rcode not in _ASKED_AGAIN:
                break
        return message

    async def _open(self) -> _Questions:
        async with self._opening:
            if self._protocol is None or self._protocol.closed:
                loop = asyncio.get_running_loop()
                _, self._protocol = await loop.create_datagram_endpoint(_Questions, remote_addr=self.server)
            return self._protocol

    async def _ask_stream(self, name: str, number: int) -> Message | None:
        reader, writer = await asyncio.open_connection(*self.server)
        try:
            ident = secrets.randbits(16)
            query = encode_query(ident, name, number)
            writer.write(len(query).to_bytes(2, "big") + query)
            data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            message = decode_message(data)
            return message if message.id == ident else None
        except WireError:
            return None
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Questions(asyncio.DatagramProtocol):
    """Open questions by id; an answer must have the id, the name and the type of its question."""

    def __init__(self) -> None:
        self.open: dict[int, tuple[asyncio.Future[Message | None], str, int]] = {}
        self.transport: asyncio.DatagramTransport
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def ask(
        self, name: str, number: int, timeout_s: float, udp_size: int = _UDP_SIZE
    ) -> asyncio.Future[Message | None]:
        loop = asyncio.get_running_loop()
        ident = secrets.randbits(16)
        while ident in self.open:
            ident = secrets.randbits(16)
        future: asyncio.Future[Message | None] = loop.create_future()
        self.open[ident] = (future, normal_name(name), number)
        self.transport.sendto(encode_query(ident, name, number, udp_size=udp_size))
        timer = loop.call_later(timeout_s, self._give_up, ident)
        future.add_done_callback(lambda _: timer.cancel())
        return future

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = self.open.get(int.from_bytes(data[:2], "big"))
        if asked is None:
            return
        try:
            message = decode_message(data)
        except WireError:
            return  # garbage with a guessed id is as good as no answer
        question = message.question
        if question is not None and (question.name, question.number) == asked[1:]:
            del self.open[message.id]
            if not asked[0].done():
                asked[0].set_result(message)

    def error_received(self, exc: Exception) -> None:
        for ident in tuple(self.open):  # nobody listens there: every open question fails now rather than late
            self._give_up(ident)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self.error_received(exc or OSError())

    def close(self) -> None:
        self.closed = True
        self.transport.close()

    def _give_up(self, ident: int) -> None:
        future, _, _ = self.open.pop(ident, (None, "", 0))
        if future is not None and not future.done():
            future.set_result(None)


class ZoneResolver:
    """Answers straight from a zone, faults included, without a socket.

    A question outside the declared world fails, or, unless `strict`, there is no such name.  A delay takes no time,
    but one that a StubResolver would not sit out is silence.
    """

    def __init__(
        self,
        zone: fakedns.Zone,
        faults: Sequence[fakedns.Fault] | Faults = (),
        *,
        strict: bool = True,
        timeout_s: float = 2.0,
        attempts: int = 2,
        session: str | None = None,
    ) -> None:
        self.zone, self.strict, self.timeout_s, self.attempts, self.session = zone, strict, timeout_s, attempts, session
        self.faults = faults if isinstance(faults, Faults) else Faults(faults)
        self._kept: dict[tuple[str, str], Answer] = {}
        self._version = zone.version

    async def lookup(self, name: str, rtype: str) -> Answer:
        """What a StubResolver would get from a server of this zone."""
        if self._version != self.zone.version:
            self._kept.clear()
            self._version = self.zone.version
        answer = self._kept.get((name, rtype))
        if answer is None:
            answer = self._find(name, rtype)
            if not self.faults.changing:
                self._kept[name, rtype] = answer
        return answer

    def _find(self, name: str, rtype: str) -> Answer:
        try:
            encode_name(name)
            key = normal_name(name)
        except WireError:
            return Missing(nxdomain=True)
        action = None
        for _ in range(self.attempts):
            action = self.faults.match(key, rtype, self.session)
            again = isinstance(action, Rcode) and action.number in _ASKED_AGAIN
            if not again and not self._unheard(action):
                break
        match action:
            case Rcode(number):
                return Missing(nxdomain=True) if number == NXDOMAIN else failure(name, rtype)
            case AnswerInstead() as instead:
                return _found(instead.at(key, rtype))
            case unheard if self._unheard(unheard):
                return failure(name, rtype)
            case _:
                pass
        match self.zone.lookup(key, rtype):
            case fakedns.Found(records):
                return _found(records)
            case fakedns.Missing(nxdomain):
                return Missing(nxdomain)
            case fakedns.Outside() if not self.strict:
                return Missing(nxdomain=True)
            case fakedns.Outside() | fakedns.Looped():
                return failure(name, rtype)

    def _unheard(self, action: fakedns.Action | None) -> bool:
        """Would nobody have an answer by now?"""
        late = isinstance(action, Delay) and action.seconds >= self.timeout_s
        return late or isinstance(action, Silence | WrongId)


class RecordingResolver:
    """Passes questions on to another resolver and notes each: (name, type, outcome)."""

    __slots__ = ("asked", "inner")

    def __init__(self, inner: _Lookup) -> None:
        self.inner = inner
        self.asked: list[tuple[str, str, str]] = []

    async def lookup(self, name: str, rtype: str) -> Answer:
        """As the inner resolver."""
        answer = await self.inner.lookup(name, rtype)
        match answer:
            case Found():
                outcome = "NOERROR"
            case Missing(nxdomain):
                outcome = "NXDOMAIN" if nxdomain else "NODATA"
            case Failed():
                outcome = "SERVFAIL"
        self.asked.append((name.lower().removesuffix("."), rtype, outcome))
        return answer


def _found(records: Sequence[fakedns.Record]) -> Answer:
    if not records:
        return Missing(nxdomain=False)
    made = []
    for record in records:
        data, preference = record.plain
        made.append(Record(record.name, record.type, data, record.ttl, preference))
    return Found(tuple(made))


def _answer(message: Message, name: str, rtype: str) -> Answer:
    if message.rcode == NXDOMAIN:
        return Missing(nxdomain=True)
    if message.rcode != NOERROR:
        return failure(name, rtype)
    records = tuple(
        Record(found.name, found.type, found.data, found.ttl, found.preference)
        for found in message.answers
        if found.type == rtype
    )
    return Found(records) if records else Missing(nxdomain=False)
