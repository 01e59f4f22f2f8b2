"""delivery: what arrives, what bounces, what waits, and what is logged of it."""

from __future__ import annotations

import asyncio
import email
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Open = Callable[..., AbstractAsyncContextManager[Any]]


def mail(sender: str = "a@good.test", *recipients: str) -> str:
    lines = ["S: 220", "C: EHLO x.test", "S: 250", f"C: MAIL FROM:<{sender}>", "S: 250"]
    for recipient in recipients or ("u@ok.test",):
        lines += [f"C: RCPT TO:<{recipient}>", "S: 250"]
    return "\n".join(
        [*lines, "C: DATA", "S: 354", "C: Subject: x", "C:", "C: hi", "C: .", "S: 250", "C: QUIT", "S: 221"]
    )


def sent(running: Open, text: str, config: dict[str, str] | None = None, **more: Any) -> Any:
    async def run() -> Any:
        async with running(config, **more) as bench:
            replayed = await bench.chat(text)
            assert not replayed.step_failures, replayed.step_failures
            await bench.gateway.settle()
            bench.left = sorted(path.name for path in bench.queue.iterdir())
        return bench

    return asyncio.run(run())


def test_the_log_names_the_next_hop_as_it_is_found(running: Open) -> None:
    bench = sent(running, mail())
    assert any(
        "to=<u@ok.test>, relay=hop.ok.test[192.0.2.25]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250" in line
        for line in bench.log
    )
    assert f"{bench.heard.ids[0]}: removed" in bench.log


def test_a_permanent_refusal_bounces_with_the_next_hops_words(running: Open) -> None:
    bench = sent(
        running, mail("a@good.test", "u@ok.test", "full@ok.test"), replies={"RCPT full@ok.test": "550 5.1.1 gone"}
    )
    notice = bench.heard.notices[0]
    assert (notice.kind, notice.recipient, notice.about) == ("bounce", "a@good.test", bench.heard.ids[0])
    report = email.message_from_bytes(notice.data)
    assert report.get_content_type() == "multipart/report" and report["Auto-Submitted"] == "auto-replied"
    status = report.get_payload()[1].get_payload()
    assert [part["Final-Recipient"] for part in status][1] == "rfc822; full@ok.test"
    assert status[1]["Status"] == "5.1.1"
    assert {d.recipients for d in bench.deliveries} == {("u@ok.test",), ("a@good.test",)}
    assert {d.sender for d in bench.deliveries} == {"a@good.test", ""}
    assert not bench.left


def test_a_bounce_is_never_bounced(running: Open) -> None:
    bench = sent(running, mail(""), replies={"RCPT u@ok.test": "550 5.1.1 gone"})
    assert not bench.heard.notices and not bench.deliveries and not bench.left
    assert (bench.heard.ids[0], "bounced") in bench.heard.fates


@pytest.mark.parametrize("replies", [{"RCPT u@ok.test": "452 4.2.2 full"}, {"MAIL": "451 4.3.0 later"}])
def test_a_temporary_refusal_stays_in_the_queue(running: Open, replies: dict[str, str]) -> None:
    bench = sent(running, mail(), replies=replies)
    assert bench.left == bench.heard.ids
    assert bench.heard.fates == [(bench.heard.ids[0], "queued")]
    assert any("status=deferred (host hop.ok.test[192.0.2.25] said: 45" in line for line in bench.log)


def test_nobody_listening_is_a_deferral(running: Open) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        bench = sent(running, mail(), next_hop=closed.getsockname())
    assert any("dsn=4.4.1, status=deferred (connect to hop.ok.test[192.0.2.25]:25: " in line for line in bench.log)
    assert bench.left == bench.heard.ids


@pytest.mark.parametrize(
    ("transport", "status", "fate"),
    [
        ("discard:gone", "status=sent (gone)", "discarded"),
        ("error:5.1.0 not here", "dsn=5.1.0, status=bounced (not here)", "bounced"),
        ("retry:4.1.0 later", "dsn=4.1.0, status=deferred (later)", "queued"),
        ("local:", "dsn=5.3.5, status=bounced (mail transport local unavailable)", "bounced"),
    ],
)
def test_transports_that_are_no_smtp(running: Open, transport: str, status: str, fate: str) -> None:
    config = {"relay_transport": transport, "smtpd_reject_unlisted_recipient": "no"}
    bench = sent(running, mail("", "u@ok.test"), config)
    assert any(status in line for line in bench.log), bench.log
    assert (bench.heard.ids[0], fate) in bench.heard.fates


def test_what_a_crash_left_in_the_queue_is_taken_up_again(running: Open) -> None:
    async def run() -> None:
        async with running(replies={"MAIL": "451 4.3.0 later"}) as first:
            await first.chat(mail())
            await first.gateway.settle()
        async with running() as second:
            await second.gateway.settle()
            assert second.deliveries[0].recipients == ("u@ok.test",)
            assert not list(second.queue.iterdir())

    asyncio.run(run())
