"""bounce: reports that mail programs can read, with the fields of RFC 3464; the standard library is the witness."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import Message
from typing import Any

import pytest

from harness.gateway.bounce import COPY, DELAY, DOUBLE, FAILURE, SUCCESS, Kind, report
from harness.gateway.dsn import Attempt, Wanted
from harness.gateway.queued import Queued

MAIL = Queued("A1", "a@good.test", (), 1060506000.0, 3, data=b"Subject: x\nX-Y: z\n\nhello\n")
GONE = Attempt("u@ok.test", "5.1.1", "host hop said: 550 5.1.1 gone", "hop.ok.test", "550 5.1.1 gone")


def made(kind: Kind, mail: Queued = MAIL, *attempts: Attempt, **more: Any) -> Message:
    data = report(kind, mail, attempts or (GONE,), queue_id="B2", hostname="gw.ok.test", now=1060506100.0, **more)
    message = email.message_from_bytes(data)
    assert message.is_multipart() and not message.defects
    return message


def part(message: Message, number: int) -> Any:
    return message.get_payload(number)


def test_a_failure_names_recipient_host_and_reply() -> None:
    mail = Queued("A1", "a@good.test", (), 0.0, 3, envelope_id="abc+d", data=MAIL.data)
    message = made(FAILURE, mail, replace(GONE, wish=Wanted((), "rfc822;U@old.test")))
    assert message.get_content_type() == "multipart/report"
    assert (message["To"], message["Auto-Submitted"]) == ("a@good.test", "auto-replied")
    whole, one = part(message, 1).get_payload()
    assert whole["Original-Envelope-Id"] == "abc+d" and whole["X-Postfix-Queue-ID"] == "A1"
    assert dict(one) == {
        "Final-Recipient": "rfc822; u@ok.test",
        "Original-Recipient": "rfc822;U@old.test",
        "Action": "failed",
        "Status": "5.1.1",
        "Remote-MTA": "dns; hop.ok.test",
        "Diagnostic-Code": "smtp; 550 5.1.1 gone",
    }


def test_an_expired_mail_has_failed_with_the_status_of_its_last_try() -> None:
    """What a Postfix 3.7.11 writes when maximal_queue_lifetime is over: Action: failed, Status: 4.x.x."""
    late = Attempt("u@ok.test", "4.4.1", "connect to hop.ok.test[192.0.2.25]:25: Connection refused")
    _, one = part(made(FAILURE, MAIL, late), 1).get_payload()
    assert (one["Action"], one["Status"]) == ("failed", "4.4.1")
    assert one["Diagnostic-Code"].startswith("X-Postfix; connect to")
    assert "Remote-MTA" not in one


@pytest.mark.parametrize(
    ("kind", "returned", "size_limit", "content_type", "with_body"),
    [
        (FAILURE, "", 50_000, "message/rfc822", True),
        (FAILURE, "FULL", 50_000, "message/rfc822", True),
        (FAILURE, "HDRS", 50_000, "text/rfc822-headers", False),
        (FAILURE, "FULL", 10, "text/rfc822-headers", False),
        (SUCCESS, "FULL", 50_000, "text/rfc822-headers", False),
        (DELAY, "", 50_000, "text/rfc822-headers", False),
    ],
)
def test_what_goes_back_of_the_mail(
    kind: Kind, returned: str, size_limit: int, content_type: str, with_body: bool
) -> None:
    mail = Queued("A1", "a@good.test", (), 0.0, 3, returned=returned, data=MAIL.data)
    back = part(made(kind, mail, size_limit=size_limit), 2)
    assert back.get_content_type() == content_type
    text = back.as_string()
    assert "Return-Path: <a@good.test>" in text and "X-Y: z" in text
    assert ("hello" in text) is with_body


def test_a_success_says_relayed_or_delivered() -> None:
    attempts = (
        Attempt("u@ok.test", "2.0.0", "delivery via hop: 250 ok", "hop", "250 2.0.0 Ok", "relayed"),
        Attempt("v@ok.test", "2.0.0", "gone", action="delivered"),
    )
    _, first, second = part(made(SUCCESS, MAIL, *attempts), 1).get_payload()
    assert [first["Action"], second["Action"]] == ["relayed", "delivered"]


def test_a_delay_says_until_when_it_is_tried() -> None:
    _, one = part(made(DELAY, retry_until=1060506000.0 + 86400), 1).get_payload()
    assert one["Action"] == "delayed" and one["Will-Retry-Until"] == "Mon, 11 Aug 2003 09:00:00 +0000 (UTC)"


def test_long_words_and_odd_bytes_break_nothing() -> None:
    odd = Attempt("\udcff@ok.test", "5.0.0", "x" * 300 + " \udcfe\ny")
    message = made(FAILURE, MAIL, odd)
    assert b"<\xff@ok.test>" in part(message, 0).get_payload(decode=True)


@pytest.mark.parametrize(("returned", "kind"), [("", "message/global"), ("HDRS", "message/global-headers")])
def test_what_is_said_of_a_mail_in_utf_8_is_in_utf_8(returned: str, kind: str) -> None:
    mail = Queued("A1", "ä@good.test", (), 0.0, 3, returned=returned, utf8=True, data="Subject: ä\n\nx\n".encode())
    data = report(FAILURE, mail, (GONE,), queue_id="B2", hostname="gw.ok.test", now=0.0)
    assert b"\nContent-Type: message/global-delivery-status\nContent-Transfer-Encoding: 8bit\n" in data  # RFC 6533
    assert f"\nContent-Type: {kind}\n".encode() in data


def test_who_the_sender_wrote_to_is_named() -> None:
    message = made(FAILURE, MAIL, replace(GONE, name="info@ok.test"))
    assert "<u@ok.test> (expanded from <info@ok.test>): host hop said" in part(message, 0).get_payload()
    assert part(message, 1).get_payload()[1]["Original-Recipient"] == "rfc822;info@ok.test"


def test_the_postmaster_gets_a_copy_and_of_what_nobody_else_is_told_of_the_whole() -> None:
    copy = made(COPY, MAIL, to="postmaster@gw.ok.test")
    assert (copy["To"], copy["Subject"]) == ("postmaster@gw.ok.test", "Postmaster Copy: Undelivered Mail")
    assert copy["Auto-Submitted"] == "auto-generated" and part(copy, 2).get_content_type() == "text/rfc822-headers"
    whole = made(DOUBLE, replace(MAIL, sender=""), to="postmaster@gw.ok.test")
    assert part(whole, 2).get_content_type() == "message/rfc822"
    assert part(whole, 1).get_payload()[0]["X-Postfix-Sender"] == "rfc822; MAILER-DAEMON@gw.ok.test"
