"""resolver - three ways to ask DNS: over the wire, from a zone in memory, and with a note of what was asked. (IO)

All answer with the three values of dns.py and never raise.  `ZoneResolver` never suspends: the direct mode.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, cast

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


_NO_DATA = Missing(nxdomain=False)
_ALIASES = 10  # that are followed here, one behind the other
_FOLLOWED = frozenset({"MX", "NS", "TXT"})  # dns_lookup() asks the end of an alias itself; getaddrinfo() does not


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
        return await self._lookup(name, rtype, _ALIASES)

    async def _lookup(self, name: str, rtype: str, left: int) -> Answer:
        try:
            number = type_number(rtype)
            _query(name, number)
        except WireError:
            return Missing(nxdomain=True)  # no message can ask for such a name, so it cannot exist
        try:
            said = await self._ask(name, number)
            if said is not None and _decoded(said).truncated:
                said = await asyncio.wait_for(self._ask_stream(name, number), self.timeout_s * self.attempts)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            said = None
        if said is None:
            return failure(name, rtype)
        answer = _answer(said, name, rtype)
        if rtype in _FOLLOWED and answer == _NO_DATA and (target := _target(said)):
            return await self._lookup(target, rtype, left - 1) if left else failure(name, rtype)
        return answer

    async def close(self) -> None:
        """Let the socket go; questions still open fail."""
        if self._protocol is not None:
            self._protocol.close()
            self._protocol = None

    async def _ask(self, name: str, number: int) -> bytes | None:
        """A message but for its id."""
        protocol = self._protocol
        if protocol is None or protocol.closed:
            protocol = await self._open()
        said = None
        for _ in range(self.attempts):
            said = await protocol.ask(name, number, self.timeout_s) or said
            rcode = SERVFAIL if said is None else _decoded(said).rcode
            if rcode == FORMERR:
                said = await protocol.ask(name, number, self.timeout_s, udp_size=0)
                rcode = SERVFAIL if said is None else _decoded(said).rcode
            if rcode not in _ASKED_AGAIN:
                break
        return said

    async def _open(self) -> _Questions:
        async with self._opening:
            if self._protocol is None or self._protocol.closed:
                loop = asyncio.get_running_loop()
                _, self._protocol = await loop.create_datagram_endpoint(_Questions, remote_addr=self.server)
            return self._protocol

    async def _ask_stream(self, name: str, number: int) -> bytes | None:
        reader, writer = await asyncio.open_connection(*self.server)
        try:
            ident = secrets.randbits(16)
            query = encode_query(ident, name, number)
            writer.write(len(query).to_bytes(2, "big") + query)
            data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            return data[2:] if data[:2] == query[:2] and _is_about(data[2:], normal_name(name), number) else None
        except WireError:
            return None
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Open(NamedTuple):
    """A question without an answer yet, until when there may be one, and what it asked."""

    said: asyncio.Future[bytes | None]
    until: float
    name: str
    number: int


class _Questions(asyncio.DatagramProtocol):
    """Open questions by id; an answer must have the id, the name and the type of its question."""

    def __init__(self) -> None:
        self.open: dict[bytes, _Open] = {}  # in the order of their deadlines: all have the same patience
        self._timer: asyncio.TimerHandle | None = None  # one, for the oldest
        self._ids = b""  # random, and not used yet
        self.transport: asyncio.DatagramTransport
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def ask(self, name: str, number: int, timeout_s: float, udp_size: int = _UDP_SIZE) -> asyncio.Future[bytes | None]:
        loop = asyncio.get_running_loop()
        ident = self._new_id()
        said: asyncio.Future[bytes | None] = loop.create_future()
        query, plain_name = _query(name, number, udp_size)
        self.open[ident] = _Open(said, loop.time() + timeout_s, plain_name, number)
        self.transport.sendto(ident + query)
        if self._timer is None:
            self._timer = loop.call_later(timeout_s, self._give_up_the_old, loop)
        return said

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = self.open.get(data[:2])
        if asked is None:
            return
        rest = data[2:]
        try:
            ours = _is_about(rest, asked.name, asked.number)
        except WireError:
            return  # garbage with a guessed id is as good as no answer
        if ours:
            del self.open[data[:2]]
            if not asked.said.done():
                asked.said.set_result(rest)

    def error_received(self, exc: Exception) -> None:
        for ident in tuple(self.open):  # nobody listens there: every open question fails now rather than late
            self._give_up(ident)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self.error_received(exc or OSError())

    def close(self) -> None:
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
        self.transport.close()

    def _new_id(self) -> bytes:
        while True:
            if not self._ids:
                self._ids = os.urandom(512)  # nobody may guess them (RFC 5452 9.2)
            ident, self._ids = self._ids[:2], self._ids[2:]
            if ident not in self.open:
                return ident

    def _give_up_the_old(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._timer = loop.time(), None
        for ident, asked in tuple(self.open.items()):
            if asked.until > now:
                self._timer = loop.call_later(asked.until - now, self._give_up_the_old, loop)
                return
            self._give_up(ident)

    def _give_up(self, ident: bytes) -> None:
        asked = self.open.pop(ident, None)
        if asked is not None and not asked.said.done():
            asked.said.set_result(None)


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
            case fakedns.Missing(False, _, aliases) if aliases and rtype in _FOLLOWED:
                return self._find(aliases[-1].data, rtype)
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


# The same few questions are asked, and the same answers come, again and again.


@lru_cache(maxsize=4096)
def _query(name: str, number: int, udp_size: int = _UDP_SIZE) -> tuple[bytes, str]:
    """The question as a message, but for its id, and its name as the answer has it.  Raises WireError."""
    return encode_query(0, name, number, udp_size=udp_size)[2:], normal_name(name)


@lru_cache(maxsize=4096)
def _decoded(rest: bytes) -> Message:
    """The message that has these bytes behind its id.  Raises WireError."""
    return decode_message(b"\0\0" + rest)


def _is_about(rest: bytes, name: str, number: int) -> bool:
    """Does it answer this question?  Raises WireError."""
    question = _decoded(rest).question
    return question is not None and question.name == name and question.number == number


def _target(rest: bytes) -> str:
    """The end of the aliases in an answer; "" where there is none."""
    return next((found.data for found in reversed(_decoded(rest).answers) if found.type == "CNAME"), "")


@lru_cache(maxsize=4096)
def _answer(rest: bytes, name: str, rtype: str) -> Answer:
    message = _decoded(rest)
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
