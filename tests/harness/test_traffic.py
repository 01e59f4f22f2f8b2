"""traffic: what is counted once, what for each recipient, and what not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.traffic import Traffic, count_traffic, said, shortened

T = "Nov 24 15:20:48 gw postfix/"


def count(*lines: str, stamp: str = T) -> Traffic:
    return count_traffic(stamp + line for line in lines)


def test_a_mail_to_two_is_received_once_and_delivered_twice() -> None:
    status = "relay=h[192.0.2.1]:25, delay=2, delays=0/0/0/0, dsn=2.0.0, status=sent (250 Ok)"
    seen = count(
        "smtpd[1]: A1: client=mail.ok.com[192.0.2.8]", "qmgr[1]: A1: from=<a@OK.com>, size=1000, nrcpt=2 (queue active)",
        f"smtp[1]: A1: to=<u@X.test>, {status}", f"smtp[1]: A1: to=<v@x.test>, {status}", "qmgr[1]: A1: removed",
    )  # fmt: skip
    assert (seen.received, seen.delivered, seen.bytes_received, seen.bytes_delivered) == (1, 2, 1000, 2000)
    assert list(seen.senders) == ["a@ok.com"] and seen.recipient_domains["x.test"].count == 2
    assert seen.recipient_domains["x.test"].longest_s == 2 and seen.hours[15] == [1, 2, 0, 0, 0]


def test_a_second_try_counts_no_second_mail() -> None:
    active = "qmgr[1]: A1: from=<a@ok.com>, size=10, nrcpt=1 (queue active)"
    deferred = (
        "smtp[1]: A1: to=<u@x>, relay=none, delay=9, status=deferred (connect to x[192.0.2.1]:25: Connection refused)"
    )
    seen = count("smtpd[1]: A1: client=m[192.0.2.8]", active, deferred, active, deferred)
    assert (seen.received, seen.deferred, seen.deferrals, seen.bytes_received) == (1, 1, 2, 10)
    assert seen.deferral_details == {"smtp": {"x[192.0.2.1]:25: Connection refused": 2}}


def test_a_queue_id_that_comes_again_has_the_size_it_had() -> None:
    """pflogsumm never forgets a size, so the second mail under an id has neither sender nor bytes."""
    mail = ("smtpd[1]: A1: client=m[192.0.2.8]", "qmgr[1]: A1: from=<a@ok.com>, size=10, nrcpt=1 (queue active)")
    seen = count(*mail, *mail)
    assert (seen.received, seen.bytes_received, seen.senders["a@ok.com"].count) == (2, 10, 1)


def test_what_nobody_sent_us_has_no_sender_and_what_has_no_size_is_named() -> None:
    seen = count(
        "qmgr[1]: B1: from=<>, size=10, nrcpt=1 (queue active)",
        "smtp[1]: C1: to=<u@x>, relay=h, delay=0, status=sent (ok)",
    )
    assert not seen.senders and seen.bytes_received == 0 and seen.no_size == {"C1": "u@x"}


def test_a_forward_is_no_delivery() -> None:
    seen = count("local[1]: A1: to=<u@x>, relay=local, delay=0, status=sent (forwarded as B2)")
    assert (seen.forwarded, seen.delivered) == (1, 0)


@pytest.mark.parametrize(
    ("line", "kind"),
    [("smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 no; from=<>", "rejects"), ("smtpd[1]: A1: discard: RCPT from x[192.0.2.1]: <y>: no; a", "discards"),
     ("smtpd[1]: NOQUEUE: reject_warning: RCPT from x[192.0.2.1]: 554 no; from=<>", "warnings"), ("smtpd[1]: A1: hold: RCPT from x[192.0.2.1]: y; a", "holds"),
     ("cleanup[1]: A1: reject: header Subject: x from y; from=<a>", "rejects"), ("cleanup[1]: A1: milter-reject: END-OF-MESSAGE from x: 5.7.1 y", "rejects"),
     ("cleanup[1]: A1: warning: body x from y; from=<a>", "warnings")],
)  # fmt: skip
def test_what_is_turned_away(line: str, kind: str) -> None:
    seen = count(line)
    assert dict(seen.turned) == {kind: 1} and list(seen.turned_details) == [kind] and seen.hours[15][4] == 1


def test_days_and_troubles() -> None:
    seen = count_traffic(
        [
            f"{day} 00:00:00 gw postfix/smtpd[1]: {text}"
            for day, text in (("Jan  1", "warning: a"), ("Jan  1", "fatal: b: c"), ("Jan  2", "panic: d"))
        ]
    )
    assert seen.day_count == 2 and not seen.days
    assert seen.troubles == {
        "warning": {"smtpd": {"a": 1}},
        "fatal": {"smtpd": {"b: c": 1}},
        "panic": {"smtpd": {"d": 1}},
    }


@pytest.mark.parametrize(
    ("text", "short"),
    [("abc", "abc"), ("host h said: 550 no", "550 no"), ("aaaaaaa: bbbbbbb: cccc", "cccc"), ("a" * 12, "aaaaaaa...")],
)
def test_reasons_are_made_short(text: str, short: str) -> None:
    assert said(text, 10) == short
    assert len(shortened(text, 10)) <= 10


@given(
    st.lists(
        st.sampled_from(
            [
                "smtpd[1]: A: client=",
                "qmgr[1]: A: from=<a>, size=",
                "smtp[1]: A: to=<b>, relay=c, delay=",
                "cleanup[1]: A: reject: header ",
            ]
        ).flatmap(lambda head: st.text().map(lambda rest: head + rest))
    )
)
def test_any_line_is_counted_or_passed_over(lines: list[str]) -> None:
    count(*lines)
