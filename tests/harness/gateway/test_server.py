"""server: a restart takes up what was left, unexamined mail included; no client makes the gateway keep without end."""

from __future__ import annotations

import asyncio
import base64
import gc
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.clock import HandClock
from harness.corpus.payload import eicar
from harness.gateway.content.examine import Engine
from harness.gateway.queue import Queue
from harness.gateway.queued import Queued
from harness.gateway.settings import Settings
from harness.gateway.smtpd import OK

Open = Callable[..., AbstractAsyncContextManager[Any]]


def left(directory: Path, **more: Any) -> None:
    infected = (
        b"Subject: x\nMIME-Version: 1.0\nContent-Type: application/octet-stream; name=a.com\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(eicar()) + b"\n"
    )
    mail = Queued("A1", "a@good.test", ("u@ok.test",), 1060506000.0, 1, data=infected, **more)
    asyncio.run(Queue(directory, HandClock()).store(mail))


@pytest.mark.parametrize("examined", [True, False])
def test_a_mail_left_unexamined_is_examined_after_the_restart(running: Open, tmp_path: Path, examined: bool) -> None:
    left(tmp_path / "queue", unexamined=None if examined else ("192.0.2.7", "mail.good.test"))

    async def run() -> tuple[list[Any], list[str]]:
        async with running(rav={"mode": "after_queue"}) as bench:
            await bench.gateway.settle()
            return bench.deliveries, bench.log

    deliveries, log = asyncio.run(run())
    assert any("verdict=infected" in line for line in log) is not examined
    arrived = [
        base64.b64encode(eicar()) in delivery.data for delivery in deliveries if "u@ok.test" in delivery.recipients
    ]
    assert (True in arrived) is examined


def test_a_file_that_cannot_be_read_is_named_and_stops_nothing(running: Open, tmp_path: Path) -> None:
    left(tmp_path / "queue")
    (tmp_path / "queue" / "B2").write_bytes(b"{")

    async def run() -> tuple[list[Any], list[str]]:
        async with running() as bench:
            await bench.gateway.settle()
            return bench.deliveries, bench.log

    deliveries, log = asyncio.run(run())
    assert len(deliveries) == 1
    assert "warning: B2: corrupt queue file, moved to corrupt/" in log


def test_what_is_held_stays(running: Open, tmp_path: Path) -> None:
    left(tmp_path / "queue", held=True)

    async def run() -> list[Any]:
        async with running() as bench:
            await bench.gateway.settle()
            deliveries: list[Any] = bench.deliveries
            return deliveries

    assert asyncio.run(run()) == []
    assert [mail.queue_id for mail in Queue(tmp_path / "queue", HandClock()).pending()[0]] == ["A1"]


async def _connected(address: tuple[str, int]) -> socket.socket:
    """A client's socket with a small receive buffer, so that the kernel hides little of what is going on."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, address)
    return client


async def _stalled(gateway: Any) -> Any:
    """The one connection, once the gateway reads it no further."""
    async with asyncio.timeout(20):
        while all(connection.reading for connection in gateway._connections):  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0)
    (connection,) = gateway._connections
    return connection


async def _read(client: socket.socket, last: bytes) -> bytes:
    said = bytearray()
    async with asyncio.timeout(20):
        while not said.endswith(last):
            said += await asyncio.get_running_loop().sock_recv(client, 1 << 20)
    return bytes(said)


def test_a_client_that_reads_no_answer_is_read_no_further(running: Open) -> None:
    commands = 40_000

    async def run() -> None:
        async with running({"smtpd_junk_command_limit": "1000000"}) as bench:
            client = await _connected(bench.address)
            with client:
                send = asyncio.create_task(
                    asyncio.get_running_loop().sock_sendall(client, b"EHLO a.test\r\n" * commands + b"QUIT\r\n")
                )
                connection = await _stalled(bench.gateway)
                assert connection.unread
                assert connection.connection.buffered < 1 << 19
                assert connection.transport.get_write_buffer_size() < 1 << 19
                said = await _read(client, b"221 2.0.0 Bye\r\n")
                await send
            assert said.count(b"250-gw.ok.test\r\n") == commands

    asyncio.run(run())


def test_a_client_that_sends_on_while_its_session_waits_is_read_no_further(running: Open) -> None:
    async def run() -> None:
        async with running({"smtpd_junk_command_limit": "1000000"}) as bench:
            go = asyncio.Event()

            async def wait(smtpd: Any, command: Any) -> Any:
                await go.wait()
                return OK

            services = bench.gateway.services
            bench.gateway.services = replace(services, commands={**services.commands, "NOOP": wait})
            client = await _connected(bench.address)
            with client:
                send = asyncio.create_task(
                    asyncio.get_running_loop().sock_sendall(client, b"NOOP\r\n" + b"RSET\r\n" * 100_000 + b"QUIT\r\n")
                )
                connection = await _stalled(bench.gateway)
                assert connection.busy and connection.connection.buffered < 1 << 19
                go.set()
                said = await _read(client, b"221 2.0.0 Bye\r\n")
                await send
            assert said.count(b"250 2.0.0 Ok\r\n") == 100_001

    asyncio.run(run())


def test_a_client_that_never_reads_its_farewell_is_cut_off(running: Open) -> None:
    async def run() -> None:
        async with running({"smtpd_timeout": "1s", "smtpd_junk_command_limit": "1000000"}) as bench:
            with await _connected(bench.address) as client:
                send = asyncio.create_task(asyncio.get_running_loop().sock_sendall(client, b"EHLO a\r\n" * 40_000))
                await _stalled(bench.gateway)
                async with asyncio.timeout(20):
                    while bench.gateway._connections:  # noqa: ASYNC110  # no event tells
                        await asyncio.sleep(0.01)
                send.cancel()
            assert any(line.startswith("timeout after EHLO") for line in bench.log)

    asyncio.run(run())


def test_a_fault_of_ours_costs_one_session_and_is_seen(running: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(smtpd: Any, command: Any) -> Any:
        await asyncio.sleep(0)
        raise RuntimeError("out of order")

    async def run() -> None:
        shown: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: shown.append(context))
        async with running() as bench:
            bench.gateway.services.commands["NOOP"] = fails
            replayed = await bench.chat("S: 220\nC: NOOP\nS: 421 4.3.0 gw.ok.test Server local error\nS! eof")
            assert not replayed.step_failures, replayed.step_failures
            await asyncio.wait_for(bench.gateway.settle(), 5)
            assert any("panic: NOOP from mail.good.test[192.0.2.7]: RuntimeError" in line for line in bench.log)
            assert isinstance(shown[0]["exception"], RuntimeError)
            other = await bench.chat("S: 220\nC: RSET\nS: 250\nC: QUIT\nS: 221")
            assert not other.step_failures

    asyncio.run(run())


@pytest.mark.parametrize(("long_lived", "asked"), [(True, 2), (False, 6)])
def test_one_that_lives_long_remembers_a_blocklist_for_as_many_sessions_as_a_smtpd_serves(
    running: Open, long_lived: bool, asked: int
) -> None:
    """max_use = 4, six sessions: the fourth begins anew."""

    async def run() -> int:
        config = {"smtpd_client_restrictions": "reject_rbl_client rbl.test", "max_use": "4"}
        async with running(config) as bench:
            bench.gateway._long_lived = long_lived
            for _ in range(6):
                await bench.chat("S: 220\nC: EHLO a.test\nS: 250\nC: MAIL FROM:<a@good.test>\nS: 250\n"
                                 "C: RCPT TO:<u@ok.test>\nS: 250\nC: QUIT\nS: 221\n")  # fmt: skip
            answers = {id(session.flags.answers) for session in bench.heard.sessions}
            assert all(session.flags.answers for session in bench.heard.sessions)
            return len(answers)

    assert asyncio.run(run()) == asked


def test_what_a_blocklist_said_is_forgotten_when_nobody_comes_for_max_idle(running: Open) -> None:
    async def run() -> list[int]:
        async with running({"smtpd_client_restrictions": "reject_rbl_client rbl.test", "max_idle": "100s"}) as bench:
            bench.gateway._long_lived = True
            for pause_s in (0, 99, 101):
                clock = bench.gateway._log.clock
                assert isinstance(clock, HandClock)
                clock.turn(pause_s)
                await bench.chat("S: 220\nC: EHLO a.test\nS: 250\nC: MAIL FROM:<a@good.test>\nS: 250\n"
                                 "C: RCPT TO:<u@ok.test>\nS: 250\nC: QUIT\nS: 221\n")  # fmt: skip
            return [id(session.flags.answers) for session in bench.heard.sessions]

    first, second, third = asyncio.run(run())
    assert first == second != third


def test_a_mail_in_which_nothing_is_found_stays_on_disk_as_it_came(
    running: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[tuple[str, ...]] = []
    commit = Queue.commit

    async def watched(self: Queue, mails: Sequence[Queued], removed: Sequence[str] = ()) -> None:
        stored.append(tuple(mail.queue_id for mail in mails))
        await commit(self, mails, removed)

    monkeypatch.setattr(Queue, "commit", watched)

    async def run() -> int:
        async with running(rav={"mode": "after_queue"}) as bench:
            await bench.chat("S: 220\nC: EHLO a.test\nS: 250\nC: MAIL FROM:<a@good.test>\nS: 250\n"
                             "C: RCPT TO:<u@ok.test>\nS: 250\nC: DATA\nS: 354\nC: Subject: x\nC:\nC: hi\nC: .\n"
                             "S: 250\nC: QUIT\nS: 221\n")  # fmt: skip
            await bench.gateway.settle()
            return len(bench.deliveries)

    assert asyncio.run(run()) == 1
    assert [len(ids) for ids in stored] == [1, 0]  # taken in, and gone


def test_a_gateway_that_slept_itself_blames_no_client(running: Open) -> None:
    async def run() -> None:
        async with running({"smtpd_timeout": "1s"}) as bench:
            with await _connected(bench.address) as client:
                loop = asyncio.get_running_loop()
                while not bench.gateway._connections:  # noqa: ASYNC110  # no event tells
                    await asyncio.sleep(0)
                (connection,) = bench.gateway._connections
                timer = bench.gateway._patience
                assert timer is not None
                slept = 100.0  # as if the process had been stopped: the timer is late by so much
                connection.heard_at -= slept
                timer._when -= slept + 1
                bench.gateway._check_patience(loop)
                assert not connection.smtpd.closing and connection.patience(loop.time()) > 0
                await loop.sock_sendall(client, b"QUIT\r\n")
                await loop.sock_recv(client, 1000)

    asyncio.run(run())


def test_a_client_may_think_as_long_as_ever_after_an_answer_that_took_long(running: Open) -> None:
    """smtpd_timeout is for the client: it begins when the server has said its part (smtp_get in smtp_stream.c)."""

    async def run() -> None:
        async with running({"smtpd_timeout": "10s"}) as bench:
            go, loop = asyncio.Event(), asyncio.get_running_loop()

            async def wait(smtpd: Any, command: Any) -> Any:
                await go.wait()
                return OK

            services = bench.gateway.services
            bench.gateway.services = replace(services, commands={**services.commands, "NOOP": wait})
            with await _connected(bench.address) as client:
                await loop.sock_sendall(client, b"NOOP\r\n")
                async with asyncio.timeout(20):
                    while not any(connection.busy for connection in bench.gateway._connections):  # noqa: ASYNC110
                        await asyncio.sleep(0)
                (connection,) = bench.gateway._connections
                connection.heard_at -= 100.0  # as if the answer took so long
                go.set()
                await _read(client, b"250 2.0.0 Ok\r\n")
                assert connection.patience(loop.time()) > 5
                await loop.sock_sendall(client, b"QUIT\r\n")
                await _read(client, b"221 2.0.0 Bye\r\n")

    asyncio.run(run())


def test_a_reload_leaves_nothing_of_the_old_configuration_but_what_is_in_use(running: Open, tmp_path: Path) -> None:
    """Its tables are of megabytes, and an administrator reloads every day."""

    async def run() -> None:
        async with running() as bench:
            gateway = bench.gateway
            with await _connected(bench.address) as client:
                await _read(client, b"\r\n")  # a session that goes on with what it began with
                before = gateway._answers
                for _ in range(3):
                    gateway.reload(Settings.load(tmp_path), Engine.load(tmp_path / "rav"))
                gc.collect()
                assert len(gateway._deliveries) == 2
                assert gateway._answers is not before  # what blocklists said goes with the smtpd processes

    asyncio.run(run())
