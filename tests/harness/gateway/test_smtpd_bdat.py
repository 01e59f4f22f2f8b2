"""smtpd_bdat: chunks in and out of their place; each answer is that of Postfix 3.7.11."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Open = Callable[..., AbstractAsyncContextManager[Any]]
HELLO = "S: 220\nC: EHLO x.test\nS: 250\n"
MAIL = HELLO + "C: MAIL FROM:<a@good.test>\nS: 250\n"
RCPT = MAIL + "C: RCPT TO:<u@ok.test>\nS: 250\n"
FIVE = "C. BDAT 5\\r\\nQUIT\\n\n"
LATE = "S: 551 5.0.0 Discarded 5 bytes after earlier error\n"


def talk(running: Open, text: str, config: dict[str, str] | None = None) -> Any:
    async def run() -> Any:
        async with running(config) as bench:
            replayed = await bench.chat(f"{text}C: NOOP\nS: 250\n")
            assert not replayed.step_failures, replayed.step_failures
            await bench.gateway.settle()
        return bench

    return asyncio.run(run())


@pytest.mark.parametrize(
    "text",
    [
        f"{HELLO}{FIVE}S: 503 5.5.1 Error: need RCPT command\n{FIVE}{LATE}"
        "C: MAIL FROM:<a@good.test>\nS: 503 5.5.1 Error: MAIL after BDAT\nC: RSET\nS: 250\nC: MAIL FROM:<a@b>\nS: 250\n",
        f"{MAIL}{FIVE}S: 554 5.5.1 Error: no valid recipients\n{FIVE}{LATE}",
        f"{MAIL}C. BDAT 5 LAST\\r\\nQUIT\\n\nS: 554 5.5.1 Error: no valid recipients\nC: MAIL FROM:<a@b>\nS: 250\n",
        f"{RCPT}{FIVE}S: 250 2.0.0 Ok: 5 bytes\nC: RCPT TO:<v@ok.test>\nS: 503 5.5.1 Error: RCPT after BDAT\n"
        "C: MAIL FROM:<a@b>\nS: 503 5.5.1 Error: nested MAIL command\nC: DATA\nS: 503 5.5.1 Error: DATA after BDAT\n",
        f"{RCPT}C: BDAT 0\nS: 551 5.7.1 Null BDAT request\n{FIVE}{LATE}",
        f"{RCPT}C: BDAT 0 LAST\nS: 250 2.0.0 Ok: 0 bytes queued as\n",
        f"{RCPT}C. BDAT 3 last\\r\\nabc\nS: 250 2.0.0 Ok: 5 bytes queued as\n",
    ],
)
def test_chunks_in_and_out_of_their_place(running: Open, text: str) -> None:
    talk(running, text)


@pytest.mark.parametrize(
    "command", ["BDAT", "BDAT x", "BDAT +5", "BDAT -5", "BDAT 5 FIRST", "BDAT 5 LAST x", "BDAT 9" + "9" * 19]
)
def test_a_length_that_is_none_ends_the_session(running: Open, command: str) -> None:
    async def run() -> None:
        async with running() as bench:
            replayed = await bench.chat(f"{RCPT}C: {command}\nS: 521 5.5.4 Syntax: BDAT count [LAST]\nS! eof")
            assert not replayed.step_failures, replayed.step_failures
            wanted = f"malformed BDAT command syntax from mail.good.test[192.0.2.7]: {command}"
            assert any(line.startswith("warning: ") and line.endswith(wanted) for line in bench.log)

    asyncio.run(run())


def test_the_limit_counts_whole_lines(running: Open) -> None:
    fifteen = "C. BDAT 15\\r\\nabcde67890abcde\nS: 250 2.0.0 Ok: 15 bytes\n"
    config = {"message_size_limit": "20"}
    big = "S: 552 5.3.4 Error: message file too big\nC: MAIL FROM:<a@b>\nS: 250\n"
    talk(running, f"{RCPT}{fifteen}{fifteen}C. BDAT 3 LAST\\r\\nabc\n{big}", config)
    bench = talk(
        running, f"{RCPT}C. BDAT 30 LAST\\r\\n{'x' * 30}\nS: 552 5.3.4 Chunk exceeds message size limit\n", config
    )
    assert any("BDAT request from mail.good.test[192.0.2.7] exceeds message size limit" in line for line in bench.log)


def test_the_data_list_is_asked_once_and_its_refusal_holds(running: Open) -> None:
    denied = "S: 554 5.7.1 <DATA>: Data command rejected: Access denied\n"
    talk(running, f"{RCPT}{FIVE}{denied}{FIVE}{LATE}", {"smtpd_data_restrictions": "reject"})


def test_a_bare_newline_in_a_chunk_is_refused_and_the_session_goes_on(running: Open) -> None:
    config = {"smtpd_forbid_bare_newline": "reject", "smtpd_forbid_bare_newline_exclusions": ""}
    bench = talk(running, f"{RCPT}{FIVE}S: 550 5.5.2 gw.ok.test Error: bare <LF> received\n{FIVE}{LATE}", config)
    wanted = (
        "reject: BDAT content from mail.good.test[192.0.2.7]: bare <LF> received; from=<a@good.test> to=<u@ok.test>"
    )
    assert any(wanted in line for line in bench.log)
