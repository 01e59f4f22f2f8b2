"""client_limits: smtpd_client_*_limit, with the words and codes of Postfix 3.7.11."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Open = Callable[..., AbstractAsyncContextManager[Any]]
HELLO = "S: 220\nC: EHLO x.test\nS: 250\n"
MAIL = "C: MAIL FROM:<a@good.test>\n"
WARNING = "warning: {} limit exceeded: {} from mail.good.test[192.0.2.7] for service smtp"


def talk(running: Open, config: dict[str, str], *texts: str) -> list[str]:
    async def run() -> list[str]:
        async with running({"smtpd_client_event_limit_exceptions": "", **config}) as bench:
            for text in texts:
                replayed = await bench.chat(text)
                assert not replayed.step_failures, replayed.step_failures
            log: list[str] = bench.log
            return log

    return asyncio.run(run())


def test_too_much_mail(running: Open) -> None:
    one = f"{MAIL}S: 250\nC: RSET\nS: 250\n"
    refused = f"{MAIL}S: 450 4.7.1 Error: too much mail from 192.0.2.7\n"
    wrong = "C: MAIL FROM\nS: 501\n"  # is not counted
    log = talk(
        running, {"smtpd_client_message_rate_limit": "2"}, HELLO + wrong + one, HELLO + one + refused, HELLO + refused
    )
    assert WARNING.format("Message delivery request rate", 3) in log
    assert WARNING.format("Message delivery request rate", 4) in log


def test_too_many_recipients_whether_they_were_accepted_or_not(running: Open) -> None:
    text = (
        f"{HELLO}{MAIL}S: 250\nC: RCPT TO:<u@other.test>\nS: 554\nC: RCPT TO:<u@ok.test>\nS: 250\n"
        "C: RCPT TO:<v@ok.test>\nS: 450 4.7.1 Error: too many recipients from 192.0.2.7\n"
    )
    log = talk(running, {"smtpd_client_recipient_rate_limit": "2"}, text)
    assert WARNING.format("Recipient address rate", 3) in log


@pytest.mark.parametrize("excepted", ["192.0.2.0/24", "mail.good.test", "$mynetworks"])
def test_exceptions_are_not_counted(running: Open, excepted: str) -> None:
    config = {
        "smtpd_client_message_rate_limit": "1",
        "smtpd_client_event_limit_exceptions": excepted,
        "mynetworks": "192.0.2.7",
    }
    talk(running, config, HELLO + f"{MAIL}S: 250\nC: RSET\nS: 250\n" * 3)


@pytest.mark.parametrize(
    ("limit", "held", "warning"),
    [
        ("smtpd_client_connection_count_limit", True, "Connection concurrency limit exceeded: 3"),
        ("smtpd_client_connection_rate_limit", False, "Connection rate limit exceeded: 3"),
    ],
)
def test_too_many_connections(running: Open, limit: str, held: bool, warning: str) -> None:
    refused = b"421 4.7.0 gw.ok.test Error: too many connections from 127.0.0.1\r\n"
    config = {limit: "2", "smtpd_client_event_limit_exceptions": "", "smtpd_authorized_xclient_hosts": ""}

    async def run() -> None:
        async with running(config) as bench:
            writers = []
            for _ in range(2):
                reader, writer = await asyncio.open_connection(*bench.address)
                assert (await reader.readline()).startswith(b"220")
                writers.append(writer)
                if not held:
                    writer.write(b"QUIT\r\n")
                    await reader.read()
            reader, writer = await asyncio.open_connection(*bench.address)
            assert await reader.read() == refused
            writer.close()
            for writer in writers:
                writer.close()
            while bench.gateway._connections:  # noqa: ASYNC110  # one turn of the loop is enough
                await asyncio.sleep(0)
            assert any(f"warning: {warning} from localhost[127.0.0.1] for service smtp" in line for line in bench.log)
            reader, writer = await asyncio.open_connection(*bench.address)
            assert (await reader.readline()).startswith(b"220" if held else b"421")
            writer.close()

    asyncio.run(run())


def test_who_may_use_xclient_is_not_counted_but_whom_he_names(running: Open) -> None:
    config = {"smtpd_client_connection_rate_limit": "1"}
    quits, refused = "S: 220\nC: QUIT\nS: 221\n", "S: 421 4.7.0 gw.ok.test Error: too many connections from 192.0.2.7\n"
    log = talk(running, config, quits, refused)
    assert WARNING.format("Connection rate", 2) in log
    assert not any("from localhost[127.0.0.1] for service" in line for line in log), "each came from there"
