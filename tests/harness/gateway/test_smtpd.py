"""smtpd: dialogues; each line is what Postfix 3.7.11 says."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

Open = Callable[..., AbstractAsyncContextManager[Any]]
HELLO = "S: 220 gw.ok.test ESMTP Postfix\nC: EHLO mail.good.test\nS: 250\n"
MAIL = HELLO + "C: MAIL FROM:<a@good.test>\nS: 250 2.1.0 Ok\n"
RCPT = MAIL + "C: RCPT TO:<u@ok.test>\nS: 250 2.1.5 Ok\n"


def talk(running: Open, text: str, config: dict[str, str] | None = None, **more: Any) -> tuple[Any, Any]:
    async def run() -> tuple[Any, Any]:
        async with running(config, **more) as bench:
            replayed = await bench.chat(text)
            await bench.gateway.settle()
        return replayed, bench

    replayed, bench = asyncio.run(run())
    assert not replayed.failure, replayed.failure
    assert not replayed.step_failures, replayed.step_failures
    return replayed, bench


@pytest.mark.parametrize(
    ("before", "command", "answer"),
    [
        (HELLO, "RCPT TO:<u@ok.test>", "503 5.5.1 Error: need MAIL command"),
        (HELLO, "DATA", "503 5.5.1 Error: need RCPT command"),
        (MAIL, "DATA", "554 5.5.1 Error: no valid recipients"),
        (MAIL, "MAIL FROM:<a@good.test>", "503 5.5.1 Error: nested MAIL command"),
        (HELLO, "MAIL", "501 5.5.4 Syntax: MAIL FROM:<address>"),
        (HELLO, "MAIL FROM <a@good.test>", "501 5.5.4 Syntax: MAIL FROM:<address>"),
        (HELLO, "MAIL FROM:<a@good.test> SIZE=x", "501 5.5.4 Bad message size syntax"),
        (HELLO, "MAIL FROM:<a@good.test> BODY=9BIT", "555 5.5.4 Unsupported option: BODY=9BIT"),
        (HELLO, "MAIL FROM:<a@good.test> RET=SOME", "501 5.5.4 Bad RET parameter syntax"),
        (HELLO, "MAIL FROM:<a@good.test> ENVID=a=b RET=full", "250 2.1.0 Ok"),
        (HELLO, "MAIL FROM:<a@good.test> ENVID=", "501 5.5.4 Bad ENVID parameter syntax"),
        (HELLO, "MAIL FROM:<a@good.test> RET=FULL RET=HDRS", "501 5.5.4 Bad RET parameter syntax"),
        (HELLO, "MAIL FROM:<a@good.test> AUTH=<>", "250 2.1.0 Ok"),
        (HELLO, "MAIL FROM:<a@good.test> AUTH=x AUTH=y", "503 5.5.4 Error: multiple AUTH= options"),
        (HELLO, "MAIL FROM:<a@good.test> SIZE=99999999999", "552 5.3.4 Message size exceeds fixed limit"),
        (HELLO, "MAIL FROM:<a@good.test> SMTPUTF8 BODY=8BITMIME SIZE=5", "250 2.1.0 Ok"),
        (HELLO, "MAIL FROM:<>", "250 2.1.0 Ok"),
        (MAIL, "RCPT TO:<>", "501 5.1.3 Bad recipient address syntax"),
        (MAIL, "RCPT TO", "501 5.5.4 Syntax: RCPT TO:<address>"),
        (MAIL, "RCPT TO:<u@ok.test> NOTIFY=NEVER", "250 2.1.5 Ok"),
        (MAIL, "RCPT TO:<u@ok.test> NOTIFY=NEVER,DELAY", "501 5.5.4 Error: Bad NOTIFY parameter syntax"),
        (MAIL, "RCPT TO:<u@ok.test> NOTIFY=NEVER,NEVER", "250 2.1.5 Ok"),
        (MAIL, "RCPT TO:<u@ok.test> NOTIFY=DELAY NOTIFY=DELAY", "501 5.5.4 Error: Bad NOTIFY parameter syntax"),
        (MAIL, "RCPT TO:<u@ok.test> ORCPT=rfc822;", "250 2.1.5 Ok"),
        (MAIL, "RCPT TO:<u@ok.test> ORCPT=;x", "501 5.5.4 Error: Bad ORCPT parameter syntax"),
        (MAIL, "RCPT TO:<u@ok.test> ORCPT=rfc822;a+4x", "501 5.5.4 Error: Bad ORCPT parameter syntax"),
        (MAIL, "RCPT TO:<u@ok.test> X=Y", "555 5.5.4 Unsupported option: X=Y"),
        (MAIL, "RCPT TO:<u@other.test>", "554 5.7.1 <u@other.test>: Relay access denied"),
        (RCPT, "DATA now", "501 5.5.4 Syntax: DATA"),
        (RCPT, "BDAT x", "521 5.5.4 Syntax: BDAT count [LAST]"),
        (HELLO, "RSET x", "501 5.5.4 Syntax: RSET"),
        (HELLO, "NOOP whatever", "250 2.0.0 Ok"),
        (HELLO, "QUIT now", "221 2.0.0 Bye"),
        (HELLO, "VRFY u@ok.test", "252 2.0.0 u@ok.test"),
        (HELLO, "VRFY u@ok.test SMTPUTF8", "252 2.0.0 u@ok.test"),
        (HELLO, "VRFY u v", "501 5.1.3 Bad recipient address syntax"),
        (HELLO, "VRFY", "501 5.5.4 Syntax: VRFY address [SMTPUTF8]"),
        (HELLO, "ETRN ok.test", "250 Queuing started"),
        (HELLO, "ETRN other.test", "459 <other.test>: service unavailable"),
        (HELLO, "ETRN ok..test", "501 Error: invalid parameter syntax"),
        (HELLO, "ETRN @ok.test", "250 Queuing started"),
        (HELLO, "ETRN", "500 Syntax: ETRN domain"),
        (HELLO, "EXPN list", "500 5.5.2 Error: command not recognized"),
        (HELLO, "HELO", "501 Syntax: HELO hostname"),
        (HELLO, "STARTTLS", "502 5.5.1 Error: command not implemented"),
        (HELLO, "STARTTLS x", "501 5.5.4 Syntax: STARTTLS"),
        (HELLO, "AUTH PLAIN", "503 5.5.1 Error: authentication not enabled"),
        (HELLO, "HELP", "500 5.5.2 Error: command not recognized"),
        (HELLO, "XCLIENT NAME=x.test", "550 5.7.0 Error: insufficient authorization"),
        (HELLO, "XCLIENT", "501 5.5.4 Syntax: XCLIENT attribute=value..."),
        (MAIL, "XCLIENT NAME=x.test", "503 5.5.1 Error: MAIL transaction in progress"),
    ],
)
def test_each_command_in_and_out_of_its_place(running: Open, before: str, command: str, answer: str) -> None:
    talk(running, f"{before}C: {command}\nS: {answer}\nC: QUIT\nS? 221")


def test_a_mail_is_taken_and_delivered_under_the_id_it_was_given(running: Open) -> None:
    text = (
        RCPT
        + "C: DATA\nS: 354 End data\nC: Subject: x\nC:\nC: ..dot\nC: .\nS: 250 2.0.0 Ok: queued as\nC: QUIT\nS: 221"
    )
    _, bench = talk(running, text)
    (delivery,) = bench.deliveries
    assert delivery.queue_id == bench.heard.ids[0]
    assert delivery.data.endswith(b"\r\n.dot\r\n")
    assert (
        b"Received: from mail.good.test (mail.good.test [192.0.2.7])\r\n\tby gw.ok.test (Postfix) with ESMTP"
        in delivery.data
    )
    assert bench.heard.fates == [(delivery.queue_id, "delivered")]
    assert not list(bench.queue.iterdir()), "what is delivered has left the queue, which is closed now"


def test_chunks_make_one_mail(running: Open) -> None:
    text = (
        RCPT
        + "C. BDAT 12\\r\\nSubject: x\\r\\n\nS: 250 2.0.0 Ok: 12 bytes\nC. BDAT 7 LAST\\r\\n\\r\\n.hi\\r\\n\nS: 250 2.0.0 Ok: 19 bytes queued as"
    )
    _, bench = talk(running, text)
    assert bench.deliveries[0].data.endswith(b"\r\n\r\n.hi\r\n")
    assert b"\r\nSubject: x\r\n" in bench.deliveries[0].data


def test_a_chunk_that_is_refused_is_not_taken_for_commands(running: Open) -> None:
    talk(running, HELLO + "C. BDAT 6\\r\\nQUIT\\r\\n\nS: 503 5.5.1\nC: NOOP\nS: 250 2.0.0 Ok")


def test_too_many_errors_end_the_session(running: Open) -> None:
    config = {"smtpd_hard_error_limit": "3"}
    replayed, bench = talk(
        running,
        HELLO + "C: A\nS: 500\nC: B\nS: 500\nC: D\nS: 500\nS: 421 4.7.0 gw.ok.test Error: too many errors\nS! eof",
        config,
    )
    assert replayed.closed
    assert "too many errors after UNKNOWN from mail.good.test[192.0.2.7]" in bench.log


def test_delayed_rejection_off_replaces_the_banner(running: Open) -> None:
    config = {
        "smtpd_delay_reject": "no",
        "smtpd_client_restrictions": "permit_mynetworks, reject",
        "mynetworks": "127.0.0.0/8",
    }
    talk(running, "S: 554 5.7.1 <mail.good.test[192.0.2.7]>: Client host rejected: Access denied\nC: EHLO x\n"
         "S: 503 5.7.0 Error: access denied for mail.good.test[192.0.2.7]\nC: QUIT\nS: 221 2.0.0 Bye", config)  # fmt: skip


def test_soft_bounce_softens_everything(running: Open) -> None:
    talk(running, HELLO + "C: A\nS: 400 4.5.2 Error: command not recognized\nC: QUIT\nS: 221", {"soft_bounce": "yes"})


def test_xclient_starts_the_session_again_and_only_for_the_trusted(running: Open) -> None:
    async def run() -> None:
        async with running({"smtpd_authorized_xclient_hosts": ""}) as bench:
            replayed = await bench.direct(
                "S: 220\nC: EHLO a\nS: 250\nC: XCLIENT NAME=x.test\nS: 550 5.7.0 Error: insufficient authorization"
            )
            assert not replayed.step_failures
            assert b"XCLIENT" not in replayed.received
        async with running() as bench:
            replayed = await bench.direct(
                "S: 220\nC: EHLO a\nS: 250\nC: MAIL FROM:<a@good.test>\nS: 250\nC: RSET\nS: 250\n"
                "C: XCLIENT NAME=x.test ADDR=192.0.2.9 LOGIN=joe\nS: 220\nC: MAIL FROM:<a@good.test>\nS: 250\n"
                "C: RCPT TO:<u@other.test>\nS: 554"
            )
            assert not replayed.step_failures
            session = bench.heard.sessions[0]
            assert (session.client.namaddr, session.sasl_username) == ("x.test[192.0.2.9]", "joe")

    asyncio.run(run())


def test_whoever_xclient_names_may_not_use_it_unless_he_is_trusted_too(running: Open) -> None:
    async def run() -> None:
        async with running() as bench:
            replayed = await bench.direct(
                "S: 220\nC: XCLIENT ADDR=127.0.0.2\nS: 220\nC: XCLIENT ADDR=192.0.2.9\nS: 220\nC: EHLO a\nS: 250\n"
                "C: XCLIENT ADDR=127.0.0.1\nS: 550 5.7.0 Error: insufficient authorization"
            )
            assert not replayed.step_failures
            assert b"250-XCLIENT" not in replayed.received

    asyncio.run(run())


def test_trusted_clients_are_known_by_name_too(running: Open) -> None:
    async def run() -> None:
        async with running({"smtpd_authorized_xclient_hosts": "localhost"}) as bench:
            replayed = await bench.direct("S: 220\nC: XCLIENT ADDR=192.0.2.9\nS: 220\nC: QUIT\nS: 221")
            assert not replayed.step_failures

    asyncio.run(run())


def test_a_proxy_header_says_who_the_client_is(running: Open) -> None:
    async def run() -> None:
        async with running({"smtpd_upstream_proxy_protocol": "haproxy"}) as bench:
            replayed = await bench.direct("C: PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\nS: 220\nC: QUIT\nS: 221")
            assert not replayed.step_failures
            assert bench.heard.sessions[0].client.namaddr == "mail.good.test[192.0.2.7]"

    asyncio.run(run())


def test_the_log_brackets_a_session_as_postfix_does(running: Open) -> None:
    _, bench = talk(running, MAIL + "C: RCPT TO:<u@other.test>\nS: 554\nC: QUIT\nS: 221")
    assert bench.log[0] == "connect from localhost[127.0.0.1]"
    assert bench.log[1].startswith(
        "NOQUEUE: reject: RCPT from mail.good.test[192.0.2.7]: 554 5.7.1 <u@other.test>: Relay"
    )
    assert bench.log[1].endswith("from=<a@good.test> to=<u@other.test> proto=ESMTP helo=<mail.good.test>")
    assert bench.log[-1] == (
        "disconnect from mail.good.test[192.0.2.7] ehlo=2 xclient=0/1 mail=1 rcpt=0/1 quit=1 commands=4/6"
    )


def test_a_client_that_leaves_in_the_middle_is_logged_and_leaves_nothing(running: Open) -> None:
    _, bench = talk(running, RCPT + "C: DATA\nS: 354\nC: half\n!rst")
    assert "lost connection after DATA (6 bytes) from mail.good.test[192.0.2.7]" in bench.log
    assert not bench.heard.ids and not bench.deliveries


def test_smtplib_can_talk_to_it(running: Open) -> None:
    async def run() -> None:
        async with running({"mynetworks": "127.0.0.0/8"}) as bench:

            def send() -> dict[str, tuple[int, bytes]]:
                with smtplib.SMTP(*bench.address, timeout=5) as client:
                    return client.sendmail("a@good.test", ["u@ok.test", "v@ok.test"], b"Subject: x\r\n\r\nhi\r\n")

            assert await asyncio.to_thread(send) == {}
            await bench.gateway.settle()
            assert bench.deliveries[0].recipients == ("u@ok.test", "v@ok.test")

    asyncio.run(run())
