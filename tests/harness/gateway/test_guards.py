"""Guards: junk ends a session, a proxy's address opens nothing to its clients, a policy server is asked in a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

Open = Callable[..., AbstractAsyncContextManager[Any]]


def test_junk_ends_a_session_command_by_command(running: Open) -> None:
    async def run() -> Any:
        async with running({"smtpd_junk_command_limit": "3", "smtpd_hard_error_limit": "2"}) as bench:
            noops = "C: NOOP\nS: 250\n" * 4  # and two EHLOs, one before XCLIENT
            return await bench.chat(
                f"S: 220\nC: EHLO x\nS: 250\n{noops}S: 421 4.7.0 gw.ok.test Error: too many errors\nS! eof"
            )

    assert not asyncio.run(run()).step_failures


def test_xclient_is_judged_by_the_client_behind_the_proxy(running: Open) -> None:
    config = {"smtpd_upstream_proxy_protocol": "haproxy", "smtpd_authorized_xclient_hosts": "127.0.0.0/8"}

    async def run() -> bytes:
        async with running(config) as bench:
            reader, writer = await asyncio.open_connection(*bench.address)
            writer.write(b"PROXY TCP4 192.0.2.66 127.0.0.1 4711 25\r\n")
            assert (await reader.readline()).startswith(b"220 ")
            writer.write(b"XCLIENT ADDR=127.0.0.1\r\n")
            answer = await reader.readline()
            writer.close()
            return answer

    assert asyncio.run(run()).startswith(b"550 5.7.0 Error: insufficient authorization")


def test_a_policy_server_is_asked_from_within_a_session(running: Open) -> None:
    async def policy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        writer.write(b"action=REJECT by policy\n\n")
        await writer.drain()
        writer.close()

    async def run() -> Any:
        server = await asyncio.start_server(policy, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        config = {"smtpd_sender_restrictions": f"check_policy_service inet:127.0.0.1:{port}"}
        async with server, running(config) as bench:
            talk = "S: 220\nC: EHLO x.test\nS: 250\nC: MAIL FROM:<a@good.test>\nS: 250\nC: RCPT TO:<u@ok.test>\n"
            return await bench.chat(
                f"{talk}S: 554 5.7.1 <a@good.test>: Sender address rejected: by policy\nC: QUIT\nS: 221"
            )

    replayed = asyncio.run(run())
    assert not replayed.step_failures, replayed.step_failures
