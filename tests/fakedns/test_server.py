"""server: UDP and TCP at one port, asked by dnspython over real sockets."""

from __future__ import annotations

import asyncio
import socket

import dns.asyncquery
import dns.message
import pytest

from fakedns import Answer, Delay, FakeDns, Fault, Forged, Responder, parse_zone

ZONE = parse_zone("ok.test. A 192.0.2.8\nbig.test. TXT " + f'"{"x" * 250}" ' * 8)


def test_one_port_serves_both_transports() -> None:
    async def run() -> None:
        server = FakeDns(Responder(ZONE, [Fault("late.test", "any", Delay(0.01))]))
        host, port = await server.start()
        try:
            query = dns.message.make_query("ok.test", "A")
            over_udp = await dns.asyncquery.udp(query, host, port=port, timeout=5)
            over_tcp = await dns.asyncquery.tcp(query, host, port=port, timeout=5)
            assert over_udp.answer == over_tcp.answer and over_udp.answer
            big, fell_back = await dns.asyncquery.udp_with_fallback(
                dns.message.make_query("big.test", "TXT"), host, port=port, timeout=5
            )
            assert fell_back and len(big.answer[0][0].strings) == 8
            late = await dns.asyncquery.udp(dns.message.make_query("late.test", "A"), host, port=port, timeout=5)
            assert late.rcode() == dns.rcode.NXDOMAIN
        finally:
            await server.stop()

    asyncio.run(run())


def test_a_taken_port_is_an_error() -> None:
    async def run() -> None:
        server = FakeDns(Responder(ZONE))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            with pytest.raises(OSError):
                await server.start("127.0.0.1", taken.getsockname()[1])
        await server.stop()

    asyncio.run(run())


def test_sockets_bound_elsewhere_are_served_beside_its_own() -> None:
    async def run() -> None:
        server = FakeDns(Responder(ZONE))
        host, port = await server.start()
        udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        udp.bind(("127.0.0.1", 0))
        tcp.bind(("127.0.0.1", 0))
        there_udp, there_tcp = udp.getsockname()[1], tcp.getsockname()[1]
        try:
            await server.serve(udp, tcp)
            query = dns.message.make_query("ok.test", "A")
            for at in (port, there_udp):
                assert (await dns.asyncquery.udp(query, host, port=at, timeout=5)).answer
            assert (await dns.asyncquery.tcp(query, host, port=there_tcp, timeout=5)).answer
        finally:
            await server.stop()

    asyncio.run(run())


def test_what_is_forged_is_sent_before_the_answer() -> None:
    async def run() -> None:
        server = FakeDns(Responder(ZONE, [Fault("ok.test", "any", Forged(Answer((("A", "192.0.2.66"),))))]))
        address = await server.start()
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            await loop.sock_connect(asking, address)
            await loop.sock_sendall(asking, dns.message.make_query("ok.test", "A", id=7).to_wire())
            came = [dns.message.from_wire(await asyncio.wait_for(loop.sock_recv(asking, 512), 5)) for _ in range(2)]
        await server.stop()
        assert [(reply.id, str(reply.answer[0][0])) for reply in came] == [(0xFFF8, "192.0.2.66"), (7, "192.0.2.8")]

    asyncio.run(run())
