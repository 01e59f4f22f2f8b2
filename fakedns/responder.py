"""responder - query bytes -> reply bytes: the whole server without a socket.

An answer is packed once and kept, in two stores.  By the bytes of the query behind its id: the same datagram again gets
the same reply with its own id in front.  By name and type: another spelling, or other flags, gets the same sections.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fakedns.fault import Action, Answer, Delay, Fault, Faults, Forged, NoEdns, Rcode, Silence, Truncate, WrongId
from fakedns.querylog import UNDECLARED, Address, Asked, QueryLog, Transport
from fakedns.record import Record, minimum_ttl
from fakedns.wire import (
    AA,
    ANY_CLASS,
    BADVERS,
    DO,
    FORMERR,
    HEADER,
    IN,
    NOERROR,
    NOTIMP,
    NXDOMAIN,
    OPCODE,
    OPT,
    QR,
    RA,
    RCODES,
    RD,
    REFUSED,
    SERVFAIL,
    TC,
    Question,
    WireError,
    decode_question,
    encode_name,
    opt_record,
    skip_record,
)
from fakedns.zone import Found, Looped, Missing, Outside, Zone

UDP_SIZE = 512  # RFC 1035 2.3.4, without EDNS
EDNS_SIZE = 1232  # what this server takes, and the most it sends over UDP
_KEPT = 100_000  # packed answers; a larger world starts over


@dataclass(frozen=True, slots=True)
class Response:
    """What to send (None: nothing, ever), and after how many seconds; `first` goes before it, at once."""

    wire: bytes | None
    delay_s: float = 0.0
    first: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Packed:
    """The sections behind the question, ready to send, and what the log says of it."""

    flags: int  # AA, RCODE and, for a body that is cut away, TC
    counts: tuple[int, int]  # answer, authority
    body: bytes
    outcome: str


@dataclass(frozen=True, slots=True)
class _Edns:
    size: int
    version: int
    dnssec_ok: bool


class Responder:
    """Answers from a zone, minus its faults; every question goes to the log.

    In strict mode a question outside the declared world is REFUSED, otherwise it is NXDOMAIN; either way the log
    calls it `undeclared`.
    """

    def __init__(
        self, zone: Zone, faults: Iterable[Fault] = (), log: QueryLog | None = None, *, strict: bool = True
    ) -> None:
        self.zone, self.faults, self.strict = zone, Faults(faults), strict
        self.log = QueryLog() if log is None else log
        self._packed: dict[tuple[str, int], _Packed] = {}
        self._whole: dict[bytes, tuple[bytes, Asked]] = {}  # (reply without its id, what the log says) by query
        self._version = zone.version

    def answer(self, query: bytes, transport: Transport = "udp", client: Address | None = None) -> Response:
        """The reply to one message.  Never raises: what is no query gets FORMERR, or nothing at all."""
        if transport == "udp" and not self.faults.rules and self._version == self.zone.version:
            kept = self._whole.get(query[2:])
            if kept is not None:
                reply, asked = kept
                self.log.add(asked._replace(client=client, session=self.log.session))
                return Response(query[:2] + reply)
        if len(query) < 12:
            return Response(None)
        ident, flags, questions, answers, authority, extra = HEADER.unpack_from(query)
        if flags & QR:
            return Response(None)  # an answer: to answer it would be to start a war
        if flags & OPCODE:
            return Response(HEADER.pack(ident, QR | flags & (OPCODE | RD) | NOTIMP, 0, 0, 0, 0))
        try:
            if questions != 1:
                raise WireError("a query has one question")
            question = decode_question(query)
            edns = _edns(query, question.end, answers + authority, extra)
        except WireError:
            return Response(HEADER.pack(ident, QR | flags & RD | FORMERR, 0, 0, 0, 0))
        if edns is not None and edns.version:
            return Response(self._seal(query, question, _Packed(0, (0, 0), b"", "BADVERS"), edns, BADVERS >> 4))
        if question.number == OPT:  # RFC 6891 6.1.1: a pseudo-record, of which nobody can ask
            return Response(HEADER.pack(ident, QR | flags & RD | FORMERR, 0, 0, 0, 0))
        action = self.faults.match(question.name, question.type, self.log.session) if self.faults.rules else None
        return self._respond(query, question, edns, action, transport, client)

    def _respond(
        self,
        query: bytes,
        question: Question,
        edns: _Edns | None,
        action: Action | None,
        transport: Transport,
        client: Address | None,
    ) -> Response:
        delay_s, cut, forged = 0.0, False, None
        match action:
            case Silence():
                self._note(question, "silence", transport, client)
                return Response(None)
            case Rcode(number):
                packed = self._failed(question, number)
            case Answer():
                packed = _pack(question, Found(action.at(question.name, question.type)), self.zone)
            case Delay(delay_s):
                packed = self._look_up(question)
            case Truncate():
                packed, cut = self._look_up(question), transport == "udp"
            case Forged(answer):
                packed = self._look_up(question)
                forged = _pack(question, Found(answer.at(question.name, question.type)), self.zone)
            case NoEdns() if edns is not None:
                packed, edns = _Packed(FORMERR, (0, 0), b"", "FORMERR"), None
            case WrongId() | NoEdns() | None:
                packed = self._look_up(question)
        wire = self._seal(query, question, packed, edns)
        size = min(max(edns.size, UDP_SIZE), EDNS_SIZE) if edns else UDP_SIZE
        if cut or (transport == "udp" and len(wire) > size):
            emptied = _Packed(packed.flags | TC, (0, 0), b"", "truncated")
            self._note(question, "truncated", transport, client)
            return Response(self._seal(query, question, emptied, edns), delay_s)
        if isinstance(action, WrongId) and transport == "udp":
            self._note(question, "wrong id", transport, client)
            return Response(_other_id(wire), delay_s)
        asked = self._note(question, packed.outcome, transport, client)
        if forged is not None and transport == "udp":
            return Response(wire, delay_s, _other_id(self._seal(query, question, forged, edns)))
        if transport == "udp" and not self.faults.rules:
            self._whole[query[2:]] = wire[2:], asked
        return Response(wire, delay_s)

    def _look_up(self, question: Question) -> _Packed:
        """The packed answer of the zone, from the store if it is there."""
        if self._version != self.zone.version or len(self._packed) > _KEPT or len(self._whole) > _KEPT:
            self._packed.clear()
            self._whole.clear()
            self._version = self.zone.version
        key = (question.name, question.number if question.qclass == IN else -1)
        packed = self._packed.get(key)
        if packed is None:
            if question.type in ("AXFR", "IXFR"):  # no zone is handed out whole, here as in rbldnsd
                packed = _Packed(NOTIMP, (0, 0), b"", "NOTIMP")
            elif question.qclass not in (IN, ANY_CLASS):
                packed = _Packed(REFUSED, (0, 0), b"", "REFUSED")
            else:
                found = self.zone.lookup(question.name, question.type)
                packed = self._outside() if isinstance(found, Outside) else _pack(question, found, self.zone)
            self._packed[key] = packed
        return packed

    def _outside(self) -> _Packed:
        return _Packed(REFUSED if self.strict else NXDOMAIN, (0, 0), b"", UNDECLARED)

    def _failed(self, question: Question, rcode: int) -> _Packed:
        outcome = RCODES.get(rcode, f"RCODE{rcode}")
        soa = self.zone.authority(question.name) if rcode == NXDOMAIN else None
        if soa is None:
            return _Packed(rcode, (0, 0), b"", outcome)
        return _Packed(AA | rcode, (0, 1), _negative(soa), outcome)

    def _seal(
        self, query: bytes, question: Question, packed: _Packed, edns: _Edns | None, extended_rcode: int = 0
    ) -> bytes:
        """The whole message: the query's own id, RD and question, the packed sections, and OPT if it was asked with."""
        flags = QR | RA | packed.flags | (query[2] << 8 & RD)
        head = query[:2] + HEADER.pack(0, flags, 1, *packed.counts, 1 if edns else 0)[2:]
        opt = opt_record(EDNS_SIZE, extended_rcode=extended_rcode, dnssec_ok=edns.dnssec_ok) if edns else b""
        return head + query[12 : question.end] + packed.body + opt

    def _note(self, question: Question, outcome: str, transport: Transport, client: Address | None) -> Asked:
        asked = Asked(question.name, question.type, outcome, client, transport, self.log.session)
        self.log.add(asked)
        return asked


def _other_id(wire: bytes) -> bytes:
    """The same message under an id that was not asked with."""
    return bytes((wire[0] ^ 0xFF, wire[1] ^ 0xFF)) + wire[2:]


def _pack(question: Question, found: Found | Missing | Outside | Looped, zone: Zone) -> _Packed:
    match found:
        case Found(records, aliases):
            if not records:
                soa = zone.authority(question.name)
                return _Packed(AA, (0, 1 if soa else 0), _negative(soa) if soa else b"", "NODATA")
            both = (*aliases, *records)
            return _Packed(AA, (len(both), 0), _records(question, both), "NOERROR")
        case Missing(nxdomain, soa, aliases):
            body = _records(question, aliases) + _negative(soa)
            rcode, outcome = (NXDOMAIN, "NXDOMAIN") if nxdomain else (NOERROR, "NODATA")
            return _Packed(AA | rcode, (len(aliases), 1), body, outcome)
        case Looped(aliases):
            return _Packed(AA | SERVFAIL, (len(aliases), 0), _records(question, aliases), "SERVFAIL")
        case Outside():
            raise AssertionError("outside is answered before it is packed")


def _records(question: Question, records: Iterable[Record]) -> bytes:
    """Records one after the other; an owner that is the question is a pointer to it (RFC 1035 4.1.4)."""
    return b"".join(
        record.wire(b"\xc0\x0c" if record.name == question.name else encode_name(record.name)) for record in records
    )


def _negative(soa: Record) -> bytes:
    """The SOA as it goes into the authority section: its TTL says how long "no" may be kept (RFC 2308 3)."""
    return Record(soa.name, soa.type, minimum_ttl(soa), soa.rdata).wire(encode_name(soa.name))


def _edns(query: bytes, at: int, before: int, extra: int) -> _Edns | None:
    """The OPT record of a query, if it has one.  Raises WireError when there are two, or rubbish."""
    found: _Edns | None = None
    for index in range(before + extra):
        owner = at
        number, size, ttl, _, at = skip_record(query, at)
        if number == OPT and index >= before:
            if found is not None or query[owner]:
                raise WireError("two OPT records, or one that is not the root's")  # RFC 6891 6.1.1
            found = _Edns(size, ttl >> 16 & 0xFF, bool(ttl & DO))
    return found
