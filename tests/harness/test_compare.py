"""compare: what differs from run to run is no disagreement, and everything else that both show is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.compare import compare, mask
from harness.observation import Delivery, Exchange, LogLine, Notification, Observation, SessionSeen
from harness.smtp.reply import reply

Make = Callable[..., SessionSeen]
MAIL = "Received: from a\r\n\tby gw (Postfix) with ESMTP id {id}; {date}\r\nMessage-Id: <{stamp}.{id}@gw>\r\n\r\n{body}\r\n"


def mail(queue_id: str, date: str, body: str = "hello", **more: Any) -> Delivery:
    data = MAIL.format(id=queue_id, date=date, stamp=date[5:7] + "261124204029", body=body).encode()
    return Delivery(queue_id, "a@ok.test", more.get("to", ("u@gw.test",)), data)


def pair(whole: Observation, first: SessionSeen, second: SessionSeen) -> list[str]:
    found = compare(replace(whole, sessions=(first,)), replace(whole, sessions=(second,)))
    return [one.what for one in found]


FIRST, SECOND = "Tue, 24 Nov 2026 20:40:29 +0000 (UTC)", "Sun, 10 Aug 2003 09:00:00 +0000 (UTC)"


def test_queue_ids_dates_and_message_ids_of_the_gateway_do_not_count(seen: Make, whole: Observation) -> None:
    ends = [
        (Exchange("end_of_data", b"x", reply(250, "2.0.0", f"Ok: queued as {i}")),) for i in ("8124720EDA2", "0C3B1F")
    ]
    first = seen(ends[0], deliveries=(mail("8124720EDA2", FIRST),), log=(LogLine("smtpd", "8124720EDA2: hold: RCPT"),))
    second = seen(ends[1], deliveries=(mail("0C3B1FEED0", SECOND),), log=(LogLine("smtpd", "0C3B1FEED0: hold: RCPT"),))
    assert pair(whole, first, second) == []


CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("end of the connection", {"closed": True}, {}),
    ("verdict", {"verdict": "defer"}, {}),
    ("fates", {"accounts": (("A", "held"),)}, {"accounts": ()}),
    ("notifications", {"notifications": (Notification("bounce", "A", "", "a@b", "s", b""),)}, {"notifications": ()}),
    ("deliveries", {"deliveries": (mail("8124720EDA2", FIRST),)}, {}),
    ("deliveries", {"deliveries": (mail("8124720EDA2", FIRST),)}, {"deliveries": (mail("8124720EDA2", FIRST, "bye"),)}),
    ("log", {"log": (LogLine("smtpd", "NOQUEUE: reject: RCPT from a: 554 b; from=<c>"),)}, {"log": ()}),
]


@pytest.mark.parametrize(("what", "one", "other"), CHANGES)
def test_each_thing_that_both_show_is_compared(
    what: str, one: dict[str, Any], other: dict[str, Any], seen: Make, whole: Observation
) -> None:
    assert pair(whole, seen(**one), seen(**other)) == [what]
    assert pair(whole, seen(**one), seen(**one)) == []


@pytest.mark.parametrize("field", ["accounts", "notifications", "log", "deliveries"])
def test_what_only_one_can_show_is_no_disagreement(field: str, seen: Make, whole: Observation) -> None:
    assert pair(whole, seen(**{field: ()}), seen(**{field: None})) == []


def test_of_a_target_that_does_not_tell_a_mail_is_only_taken(seen: Make, whole: Observation) -> None:
    ours = seen(verdict="hold", accounts=(("A", "held"),))
    assert pair(whole, ours, seen(verdict="accept", accounts=None)) == []
    assert pair(whole, ours, seen(verdict="reject", accounts=None)) == ["verdict"]
    assert pair(whole, ours, seen(verdict="none", unplayed="no XCLIENT")) == []


def test_lines_that_tell_of_no_decision_are_not_compared(seen: Make, whole: Observation) -> None:
    lines = (LogLine("smtpd", "connect from localhost[127.0.0.1]"), LogLine("smtp", "8124720EDA2: to=<x>, relay=y"))
    assert pair(whole, seen(log=lines), seen(log=())) == []


def test_the_first_reply_that_differs_stands_for_all_that_follow(seen: Make, whole: Observation) -> None:
    def rcpt(code: int) -> tuple[Exchange, ...]:
        return (
            Exchange("rcpt", b"RCPT TO:<u@gw.test>\r\n", reply(code, "", "x")),
            Exchange("data", b"DATA\r\n", reply(code + 1, "", "x")),
        )

    found = pair(whole, seen(rcpt(250)), seen(rcpt(554)))
    assert found == ["reply to RCPT TO:<u@gw.test>"]


def test_a_reply_too_many_is_a_disagreement(seen: Make, whole: Observation) -> None:
    one = Exchange("rcpt", b"RCPT\r\n", reply(250, "", "x"))
    assert pair(whole, seen((one,)), seen((one, one))) == ["number of replies"]


def test_a_conversation_that_broke_off_is_told_and_nothing_else(seen: Make, whole: Observation) -> None:
    assert pair(whole, seen(failure="no reply"), seen(verdict="accept")) == ["conversation"]


def test_a_session_that_was_not_replayed_is_missed(seen: Make, whole: Observation) -> None:
    assert [one.what for one in compare(replace(whole, sessions=(seen(),)), whole)] == ["session"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("id 8124720EDA2; Tue, 24 Nov 2026 20:40:29 +0000 (UTC)", "id <queue-id>; <date>"),
        ("<20261124204029.8124720EDA2@gw>", "<<made-id>@gw>"),
        ("blocked using DEADBEEF-list", "blocked using DEADBEEF-list"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
