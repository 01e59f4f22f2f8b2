"""smtpd_xforward: what a filter says of its client, with the words of Postfix 3.7.11; scenarios/smtp/xforward.yaml has more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Open = Callable[..., AbstractAsyncContextManager[Any]]
HELLO = "S: 220\nC: EHLO filter.test\nS: 250\n"
MAIL = "C: MAIL FROM:<a@good.test>\nS: 250\nC: RCPT TO:<u@ok.test>\nS: 250\n"
TRUST = {"smtpd_authorized_xforward_hosts": "192.0.2.7"}


def said(running: Open, text: str, config: dict[str, str] = TRUST) -> list[str]:
    async def run() -> list[str]:
        async with running(config) as bench:
            replayed = await bench.chat(text)
            assert not replayed.step_failures, replayed.step_failures
            return [line for line in bench.log if "client=" in line]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ("NAME=orig.test ADDR=198.51.100.1", "orig_client=orig.test[198.51.100.1]"),
        ("NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1 IDENT=4F1", "orig_queue_id=4F1, orig_client=unknown[2001:db8::1]"),
        ("ident=a+2Db source=local proto=ESMTP helo=x port=25", "orig_queue_id=a-b"),
    ],
)
def test_the_log_has_both_clients_for_one_mail(running: Open, attributes: str, shown: str) -> None:
    first, second = said(running, f"{HELLO}C: XFORWARD {attributes}\nS: 250 2.0.0 Ok\n{MAIL}C: RSET\nS: 250\n{MAIL}")
    assert first.endswith(f", {shown}")
    assert second.endswith("client=mail.good.test[192.0.2.7]"), "RSET forgets it"


@pytest.mark.parametrize(
    ("before", "words", "answer"),
    [
        ("", "", "501 5.5.4 Syntax: XFORWARD attribute=value..."),
        ("", " NAME=", "501 5.5.4 Error: attribute=value expected"),
        ("", f" IDENT={'x' * 256}", "501 5.5.4 Error: attribute value too long"),
        ("", " COLOUR=red", "501 5.5.4 Bad XFORWARD attribute name: COLOUR"),
        ("", " NAME=-x", "501 5.5.4 Bad NAME syntax: -x"),
        ("", " ADDR=1.2.3", "501 5.5.4 Bad ADDR syntax: 1.2.3"),
        ("", " PORT=x", "501 5.5.4 Bad PORT syntax: x"),
        ("", " SOURCE=there", "501 5.5.4 Bad SOURCE syntax: there"),
        ("C: MAIL FROM:<a@good.test>\nS: 250\n", " NAME=a.test", "503 5.5.1 Error: MAIL transaction in progress"),
    ],
)
def test_what_is_wrong_is_told(running: Open, before: str, words: str, answer: str) -> None:
    said(running, f"{HELLO}{before}C: XFORWARD{words}\nS: {answer}\n")


def test_a_stranger_is_not_heard(running: Open) -> None:
    said(running, f"{HELLO}C: XFORWARD NAME=a.test\nS: 550 5.7.0 Error: insufficient authorization\n", {})
