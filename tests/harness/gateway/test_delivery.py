"""delivery: what arrives, what bounces, what waits, and what is logged of it."""

from __future__ import annotations

import asyncio
import email
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from harness.clock import HandClock
from harness.gateway.handover import Handover
from harness.gateway.queue import Queue
from harness.gateway.queued import Queued
from harness.gateway.settings import Settings

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
            bench.left = bench.waiting
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
            assert not second.waiting
        assert not list(second.queue.iterdir())

    asyncio.run(run())


@pytest.mark.parametrize("under_way", [True, False])
def test_what_waits_is_tried_again_by_the_configuration_of_then(running: Open, tmp_path: Path, under_way: bool) -> None:
    async def run() -> None:
        async with running(replies={"MAIL": "451 4.3.0 later"}) as bench:
            await bench.chat(mail())
            if not under_way:
                await bench.gateway.settle()
            for kind in ("error:5.1.0 gone", "discard:gone"):  # twice: the first one hands over what it was given
                with (tmp_path / "main.cf").open("a") as file:
                    file.write(f"relay_transport = {kind}\nrelayhost =\n")
                bench.gateway.reload(Settings.load(tmp_path), None)
            await bench.gateway.settle()
            assert bench.heard.fates == [(bench.heard.ids[0], "queued")] and bench.waiting
            bench.clock.turn(3600)
            bench.gateway.try_again()
            await bench.gateway.settle()
            assert bench.heard.fates[1:] == [(bench.heard.ids[0], "discarded")] and not bench.waiting

    asyncio.run(run())


def reports(bench: Any, kind: str) -> list[Any]:
    return [email.message_from_bytes(notice.data) for notice in bench.heard.notices if notice.kind == kind]


def fields(message: Any) -> list[dict[str, str]]:
    return [dict(part) for part in message.get_payload(1).get_payload()]


def wishful(notify: str, recipient: str = "u@ok.test", mail_parameters: str = "") -> str:
    text = mail("a@good.test", f"{recipient}> {notify} X").replace(" X>", "")
    return text.replace("MAIL FROM:<a@good.test>", f"MAIL FROM:<a@good.test> {mail_parameters}".rstrip())


@pytest.mark.parametrize(
    ("notify", "answer", "kinds"),
    [
        ("NOTIFY=NEVER", "550 5.1.1 gone", []),
        ("NOTIFY=SUCCESS", "550 5.1.1 gone", []),
        ("NOTIFY=FAILURE", "550 5.1.1 gone", ["bounce"]),
        ("NOTIFY=DELAY", "550 5.1.1 gone", []),
        ("NOTIFY=SUCCESS,FAILURE", "", ["success"]),
        ("NOTIFY=FAILURE", "", []),
        ("NOTIFY=NEVER", "", []),
    ],
)
def test_who_is_told_as_notify_says(running: Open, notify: str, answer: str, kinds: list[str]) -> None:
    bench = sent(running, wishful(notify), replies={"RCPT u@ok.test": answer} if answer else None)
    assert [notice.kind for notice in bench.heard.notices] == kinds
    assert not bench.left


def test_a_success_report_says_what_was_asked_for(running: Open) -> None:
    text = wishful("NOTIFY=SUCCESS ORCPT=rfc822;u+2Bold@x.test", mail_parameters="ENVID=abc+2Bd RET=FULL")
    bench = sent(running, text)
    (report,) = reports(bench, "success")
    whole, one = fields(report)
    assert whole["Original-Envelope-Id"] == "abc+d"
    assert (one["Original-Recipient"], one["Action"], one["Status"]) == ("rfc822;u+old@x.test", "relayed", "2.0.0")
    assert any(": sender delivery status notification: " in line for line in bench.log)


def test_wishes_survive_a_restart(running: Open) -> None:
    async def run() -> None:
        async with running(replies={"MAIL": "451 4.3.0 later"}) as first:
            await first.chat(wishful("NOTIFY=SUCCESS", mail_parameters="ENVID=x"))
            await first.gateway.settle()
        async with running() as second:
            await second.gateway.settle()
            assert [notice.kind for notice in second.heard.notices] == ["success"]
            assert b"Original-Envelope-Id: x" in second.heard.notices[0].data

    asyncio.run(run())


def left_over(directory: Path, **more: Any) -> None:
    fields: dict[str, Any] = {"recipients": ("u@ok.test",), "arrived_at": 1060506000.0} | more
    queued = Queued("A1", fields.pop("sender", "a@good.test"), pid=1, data=b"Subject: x\n\nhi\n", **fields)
    asyncio.run(Queue(directory, HandClock()).store(queued))


def resumed(running: Open, config: dict[str, str] | None = None, **more: Any) -> Any:
    async def run() -> Any:
        async with running(config, **more) as bench:
            await bench.gateway.settle()
            bench.left = bench.gateway._queue.pending()[0]
        return bench

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("sender", "age_days", "ends"), [("a@good.test", 4.9, False), ("a@good.test", 5.1, True), ("", 5.1, True)]
)
def test_a_mail_that_is_too_old_is_given_back(
    running: Open, tmp_path: Path, sender: str, age_days: float, ends: bool
) -> None:
    left_over(tmp_path / "queue", sender=sender, arrived_at=1060506000.0 - age_days * 86400)
    bench = resumed(running, replies={"RCPT u@ok.test": "450 4.2.1 busy"})
    assert (f"A1: from=<{sender}>, status=expired, returned to sender" in bench.log) is ends
    assert bool(bench.left) is not ends
    assert len(bench.heard.notices) == (1 if ends and sender else 0)
    if ends and sender:
        _, one = fields(reports(bench, "bounce")[0])
        assert (one["Action"], one["Status"], one["Diagnostic-Code"]) == ("failed", "4.2.1", "smtp; 450 4.2.1 busy")


def test_the_sender_is_told_once_that_it_takes_long(running: Open, tmp_path: Path) -> None:
    left_over(tmp_path / "queue", arrived_at=1060506000.0 - 7200)
    config, replies = {"delay_warning_time": "1h"}, {"RCPT u@ok.test": "450 4.2.1 busy"}
    bench = resumed(running, config, replies=replies)
    (report,) = reports(bench, "delay")
    assert fields(report)[1]["Action"] == "delayed"
    assert bench.left[0].warned
    assert not resumed(running, config, replies=replies).heard.notices


def test_after_a_partial_deferral_only_the_rest_is_tried_again(running: Open) -> None:
    async def run() -> None:
        async with running(replies={"RCPT u@ok.test": "450 4.2.1 busy", "RCPT w@ok.test": "550 5.1.1 gone"}) as first:
            await first.chat(mail("a@good.test", "u@ok.test", "v@ok.test", "w@ok.test"))
            await first.gateway.settle()
            assert [notice.kind for notice in first.heard.notices] == ["bounce"]
        async with running() as second:
            await second.gateway.settle()
            assert [delivery.recipients for delivery in second.deliveries] == [("u@ok.test",)]
            assert not second.heard.notices

    asyncio.run(run())


def test_a_crash_between_two_next_hops_repeats_neither_and_loses_no_report(running: Open) -> None:
    config = {
        "transport_maps": "inline:{{a.ok.test = error:5.1.1 gone}, {c.ok.test = smtp:[stuck]}}",
        "smtpd_reject_unlisted_recipient": "no",
    }

    async def run() -> None:
        stuck = asyncio.Event()
        async with running(config) as first:
            give = Handover.give

            async def stops(self: Handover, queued: Any, transport: str, nexthop: str, names: Any) -> Any:
                if nexthop == "[stuck]":
                    stuck.set()
                    await asyncio.Event().wait()  # until the gateway is stopped
                return await give(self, queued, transport, nexthop, names)

            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(Handover, "give", stops)
                await first.chat(mail("a@good.test", "u@b.ok.test", "u@c.ok.test", "u@a.ok.test"))  # tried a, b, c
                await asyncio.wait_for(stuck.wait(), 5)
                await first.gateway.stop()
            assert [delivery.recipients for delivery in first.deliveries] == [("u@b.ok.test",)]
            assert not first.heard.notices  # a bounce comes when the try is over
        async with running(config) as second:
            await second.gateway.settle()
            served = sorted(name for delivery in second.deliveries for name in delivery.recipients)
            assert served == ["a@good.test", "u@c.ok.test"]
            assert [notice.kind for notice in second.heard.notices] == ["bounce"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("wish", "line", "arrives"),
    [
        ("discard:away", "discard: to=<u@ok.test>, relay=none, status=sent (away)", 0),
        ("error:5.7.9 never", "dsn=5.7.9, status=bounced (never)", 1),  # the bounce
        ("smtp:[other.test]", "relay=other.test[other.test]:25", 1),
        ("smtp:", "status=sent", 1),
    ],
)
@pytest.mark.parametrize("by", ["access", "header_checks", "content_filter"])
def test_a_filter_takes_the_place_of_the_next_hop(running: Open, wish: str, line: str, arrives: int, by: str) -> None:
    config = {
        "access": {"smtpd_sender_restrictions": f"check_sender_access inline:{{{{good.test = FILTER {wish}}}}}"},
        "header_checks": {"header_checks": f"regexp:{{{{/^Subject:/ FILTER {wish}}}}}"},
        "content_filter": {"content_filter": wish},
    }[by]
    bench = sent(running, mail(), config)
    wanted = line.removeprefix("discard: ").split(", ")[-1]
    assert any(wanted in logged for logged in bench.log), bench.log
    assert len(bench.deliveries) == arrives


def test_the_last_filter_wins_and_survives_a_restart(running: Open) -> None:
    config = {
        "content_filter": "discard:first",
        "smtpd_sender_restrictions": "check_sender_access inline:{{good.test = FILTER nosuch:[x]}}",
    }
    bench = sent(running, mail(), config)
    assert any("dsn=4.3.0, status=deferred (mail transport unavailable)" in line for line in bench.log)
    (queued,) = [bench.gateway._queue.pending()[0][0].filter]
    assert queued == "nosuch:[x]"


def test_a_mail_of_which_nothing_is_left_is_set_aside(running: Open) -> None:
    text = mail().replace("C: Subject: x\nC:\nC: hi\n", "")
    bench = sent(running, text, {"header_checks": "regexp:{{/^Received:/ IGNORE}}", "local_header_rewrite_clients": ""})
    (queue_id,) = bench.heard.ids
    assert not bench.deliveries and not bench.heard.fates and not bench.left
    assert (bench.queue.parent / "corrupt" / queue_id).exists()
    assert f"warning: {queue_id}: invalid size record" in bench.log
