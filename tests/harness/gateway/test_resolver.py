"""resolver: the same three answers over the wire and from memory."""

from __future__ import annotations

import asyncio
import socket

import pytest

from fakedns import Answer as AnswerWith
from fakedns import Delay, FakeDns, Fault, Forged, NoEdns, Rcode, Responder, Silence, WrongId, parse_zone
from harness.gateway.dns import Answer, Failed, Found, Missing
from harness.gateway.resolver import RecordingResolver, StubResolver, ZoneResolver

ZONE = parse_zone(
    "ok.test. MX 10 Mail.ok.test.\nalias.ok.test. CNAME mail.ok.test.\nmail.ok.test. A 192.0.2.8\n"
    "to.ok.test. CNAME end.ok.test.\nend.ok.test. A 192.0.2.9\n"
    "null.test. MX 0 .\nbig.test. TXT " + f'"{"x" * 250}" ' * 8
)
FAULTS = [
    Fault("broken.test", "any", Rcode(2)),
    Fault("end.ok.test", "MX", Rcode(2)),
    Fault("dumb.test", "any", Silence()),
    Fault("late.test", "A", Delay(0.01)),
]
QUESTIONS = [
    ("ok.test", "MX"), ("alias.ok.test", "A"), ("no.test", "A"), ("ok.test", "A"), ("null.test", "MX"),
    ("big.test", "TXT"), ("broken.test", "A"), ("dumb.test", "A"), ("late.test", "A"), ("example.com", "A"),
    ("OK.test", "MX"), ("to.ok.test", "MX"), ("to.ok.test", "TXT"), ("to.ok.test", "A"), ("a..b", "A"), ("x" * 64 + ".test", "A"),
]  # fmt: skip


def kind(answer: Answer) -> object:
    match answer:
        case Found(records):
            return [(r.name, r.type, r.data, r.preference) for r in records]
        case Missing(nxdomain):
            return nxdomain
        case Failed():
            return "failed"


def over_the_wire() -> list[Answer]:
    async def run() -> list[Answer]:
        server = FakeDns(Responder(ZONE, FAULTS))
        resolver = StubResolver(await server.start(), timeout_s=0.1, attempts=1)
        try:
            return list(await asyncio.gather(*(resolver.lookup(*question) for question in QUESTIONS)))
        finally:
            await resolver.close()
            await server.stop()

    return asyncio.run(run())


def test_wire_and_memory_say_the_same() -> None:
    async def run() -> list[Answer]:
        return [await ZoneResolver(ZONE, FAULTS).lookup(*question) for question in QUESTIONS]

    memory = asyncio.run(run())
    assert [kind(a) for a in over_the_wire()] == [kind(a) for a in memory]
    assert kind(memory[0]) == [("ok.test", "MX", "mail.ok.test", 10)]
    assert kind(memory[4]) == [("null.test", "MX", "", 0)]
    # The end of an alias is asked itself, where the answer was but the alias.
    assert [kind(a) for a in memory[11:14]] == ["failed", False, [("end.ok.test", "A", "192.0.2.9", 0)]]


def test_a_failure_speaks_as_postfix_does() -> None:
    (answer,) = [a for a, q in zip(over_the_wire(), QUESTIONS, strict=True) if q == ("dumb.test", "A")]
    assert isinstance(answer, Failed)
    assert answer.reason == (
        "Host or domain name not found. Name service error for name=dumb.test type=A: Host not found, try again"
    )


def test_nobody_listening_is_a_failure_at_once() -> None:
    async def run() -> Answer:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.1", 0))
            address = closed.getsockname()
        resolver = StubResolver(address, timeout_s=5)
        try:
            return await resolver.lookup("ok.test", "A")
        finally:
            await resolver.close()

    assert isinstance(asyncio.run(asyncio.wait_for(run(), 4)), Failed)


@pytest.mark.parametrize("wrong", ["id", "name"])
def test_an_answer_to_another_question_is_not_believed(wrong: str) -> None:
    class Liar(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            reply = Responder(ZONE).answer(data).wire
            assert reply is not None
            bad = (b"\xff\xff" + reply[2:]) if wrong == "id" else reply.replace(b"\x04mail", b"\x04evil")
            self.transport.sendto(bad, addr)  # type: ignore[attr-defined]

    async def run() -> Answer:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Liar, local_addr=("127.0.0.1", 0))
        resolver = StubResolver(transport.get_extra_info("sockname"), timeout_s=0.05, attempts=1)
        try:
            return await resolver.lookup("mail.ok.test", "A")
        finally:
            await resolver.close()
            transport.close()

    assert isinstance(asyncio.run(run()), Failed)


@pytest.mark.parametrize("honest", [True, False])
def test_over_tcp_too_an_answer_must_be_to_the_question(honest: bool) -> None:
    class Cut(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            reply = Responder(ZONE).answer(data).wire
            assert reply is not None
            self.transport.sendto(reply[:2] + bytes((reply[2] | 2,)) + reply[3:], addr)  # type: ignore[attr-defined]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        reply = Responder(ZONE).answer(query).wire
        assert reply is not None
        said = reply if honest else reply.replace(b"\x04mail", b"\x04evil")
        writer.write(len(said).to_bytes(2, "big") + said)
        await writer.drain()
        writer.close()

    async def run() -> Answer:
        loop = asyncio.get_running_loop()
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            address = server.sockets[0].getsockname()
            transport, _ = await loop.create_datagram_endpoint(Cut, local_addr=address)
            resolver = StubResolver(address, timeout_s=0.5, attempts=1)
            try:
                return await resolver.lookup("mail.ok.test", "A")
            finally:
                await resolver.close()
                transport.close()

    assert isinstance(asyncio.run(run()), Found if honest else Failed)


def test_a_recording_resolver_notes_name_type_and_outcome() -> None:
    async def run() -> list[tuple[str, str, str]]:
        resolver = RecordingResolver(ZoneResolver(ZONE, FAULTS))
        for question in (("OK.test.", "MX"), ("ok.test", "A"), ("no.test", "A"), ("broken.test", "A")):
            await resolver.lookup(*question)
        return resolver.asked

    assert asyncio.run(run()) == [
        ("ok.test", "MX", "NOERROR"), ("ok.test", "A", "NODATA"), ("no.test", "A", "NXDOMAIN"),
        ("broken.test", "A", "SERVFAIL"),
    ]  # fmt: skip


def test_a_server_that_cannot_is_asked_once_more() -> None:
    """As glibc does: of two answers in a row that say SERVFAIL the second counts."""

    async def run(fault: Fault) -> tuple[object, object]:
        server = FakeDns(Responder(ZONE, [fault]))
        resolver = StubResolver(await server.start(), timeout_s=5, attempts=2)
        over_wire = await resolver.lookup("ok.test", "MX")
        await resolver.close()
        await server.stop()
        return kind(over_wire), kind(await ZoneResolver(ZONE, [fault]).lookup("ok.test", "MX"))

    found = [("ok.test", "MX", "mail.ok.test", 10)]
    for times, expected in ((1, found), (2, "failed")):
        assert asyncio.run(run(Fault("ok.test", "any", Rcode(2), times=times))) == (expected, expected)


def test_a_wrong_id_is_no_answer_a_forged_one_is_not_believed_and_old_servers_are_asked_in_their_way() -> None:
    faults = [
        Fault("wrong.test", "any", WrongId()),
        Fault("null.test", "any", NoEdns()),
        Fault("ok.test", "any", Forged(AnswerWith((("MX", "5 evil.test."),)))),
    ]

    async def run() -> list[tuple[object, object]]:
        server = FakeDns(Responder(ZONE, faults))
        resolver = StubResolver(await server.start(), timeout_s=0.05, attempts=2)
        memory = ZoneResolver(ZONE, faults)
        names = ("wrong.test", "ok.test", "null.test")
        said = [(kind(await resolver.lookup(name, "MX")), kind(await memory.lookup(name, "MX"))) for name in names]
        await resolver.close()
        await server.stop()
        return said

    found = [("ok.test", "MX", "mail.ok.test", 10)]
    null = [("null.test", "MX", "", 0)]
    assert asyncio.run(run()) == [("failed", "failed"), (found, found), (null, null)]
