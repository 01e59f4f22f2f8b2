"""maillog: whose a line is, what became of a mail, and when nothing is under way any more."""

from __future__ import annotations

import pytest

from harness.private_postfix.maillog import MailLog

HEAD = "Nov 24 20:35:37 gw postfix/"
NOTHING: frozenset[str] = frozenset()


def log_of(*lines: str, overridden: tuple[str, ...] = ()) -> MailLog:
    log = MailLog(overridden)
    for line in lines:
        log.add(HEAD + line)
    return log


def test_lines_of_two_sessions_side_by_side_go_to_their_own() -> None:
    log = log_of("smtpd[8]: connect from localhost[127.0.0.1]")
    first = log.latest
    log.add(HEAD + "smtpd[9]: connect from localhost[127.0.0.1]")
    second = log.latest
    log.add(HEAD + "smtpd[8]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; from=<a@b.test>")
    log.add(HEAD + "smtpd[9]: 1120726E104: client=mail.ok.test[192.0.2.8]")
    assert first is not None and second is not None
    assert [line.text[:8] for line in log.told(first)] == ["connect ", "NOQUEUE:"]
    assert second.queue_ids == ["1120726E104"]
    assert log.open_visits() == 2
    log.add(HEAD + "smtpd[8]: disconnect from unknown[192.0.2.7] ehlo=1 commands=1")
    assert log.open_visits() == 1
    log.add(HEAD + "smtpd[8]: connect from localhost[127.0.0.1]")
    assert log.latest is not first, "the same process, another session"


def test_a_process_that_was_killed_ends_its_session() -> None:
    log = log_of("smtpd[8]: connect from localhost[127.0.0.1]")
    log.add(HEAD + "master[2]: warning: process /usr/lib/postfix/sbin/smtpd pid 8 killed by signal 11")
    assert log.open_visits() == 0
    assert log.latest is not None and "signal 11" in log.told(log.latest)[-1].text


def test_what_the_end_of_data_list_refuses_has_no_fate() -> None:
    log = log_of(
        "cleanup[5]: 1120726E104: discard: header Subject: x from a[192.0.2.1]; from=<a@b>: y",
        "smtpd[8]: 1120726E104: reject: END-OF-MESSAGE from a[192.0.2.1]: 554 5.7.1 no; from=<a@b>",
    )
    assert log.fates("1120726E104", NOTHING) == []


def test_a_mail_is_under_way_between_queue_active_and_removed() -> None:
    log = log_of("qmgr[4]: 1120726E104: from=<a@ok.test>, size=1, nrcpt=1 (queue active)")
    assert log.under_way == {"1120726E104"}
    log.add(HEAD + "qmgr[4]: 1120726E104: removed")
    assert not log.under_way


TO = "1120726E104: to=<u@gw.test>, relay=gw.test[127.0.0.26]:25, delay=0.1, delays=0/0/0/0, dsn=2.0.0, status="
FATES = [
    ("smtp[5]: " + TO + "sent (250 2.0.0 Ok)", ["delivered"]),
    ("smtp[5]: " + TO + "bounced (host gw.test said: 550 no)", ["bounced"]),
    ("error[5]: " + TO + "deferred (later)", []),  # it has left the deferred queue since
    ("discard[5]: " + TO + "sent (discarded)", ["discarded"]),
    ("qmgr[5]: " + TO + "sent (undeliverable postmaster notification discarded)", ["discarded"]),
    ("cleanup[5]: 1120726E104: discard: header Subject: x from a[192.0.2.1]; from=<a@b>: y", ["discarded"]),
    ("cleanup[5]: 1120726E104: reject: header Subject: x from a[192.0.2.1]; from=<a@b>: y", []),
]


@pytest.mark.parametrize(("line", "fates"), FATES)
def test_the_fate_of_a_mail(line: str, fates: list[str]) -> None:
    assert log_of(line).fates("1120726E104", NOTHING) == fates


def test_a_deferred_mail_is_one_that_lies_in_the_deferred_queue_and_each_try_is_counted() -> None:
    active = "qmgr[4]: 1120726E104: from=<a@ok.test>, size=1, nrcpt=1 (queue active)"
    log = log_of(active)
    assert not log.has_told("1120726E104") and not log.has_told("1120726E105")
    log.add(HEAD + "smtp[5]: " + TO + "deferred (later)")
    assert log.has_told("1120726E104")
    assert log.fates("1120726E104", frozenset({"1120726E104"})) == ["queued"]
    assert log.times_active("1120726E104") == 1
    for line in (active, "smtp[5]: " + TO + "sent (250 2.0.0 Ok)"):
        log.add(HEAD + line)
    assert log.fates("1120726E104", NOTHING) == ["delivered"]
    assert log.times_active("1120726E104") == 2


def test_a_held_mail_is_one_that_lies_in_the_hold_queue() -> None:
    log = log_of(
        "smtpd[8]: connect from localhost[127.0.0.1]",
        "smtpd[8]: 1120726E104: client=mail.ok.test[192.0.2.8]",
        "cleanup[5]: 1120726E104: hold: header Subject: x from a[192.0.2.1]; from=<a@b>: y",
    )
    assert log.latest is not None
    assert log.accepted(log.latest, NOTHING) == (), "it was never completed"
    assert log.accepted(log.latest, frozenset({"1120726E104"})) == ("1120726E104",)
    assert log.fates("1120726E104", frozenset({"1120726E104"})) == ["held"]


def test_what_cleanup_says_of_no_mail_goes_to_the_one_it_has_in_hands() -> None:
    log = log_of(
        "cleanup[5]: AAAAAAAAAA1: message-id=<1@x>",
        "cleanup[5]: warning: unknown command in body_checks map: LATE",
        "qmgr[4]: AAAAAAAAAA1: from=<a@ok.test>, size=1, nrcpt=1 (queue active)",
        "cleanup[5]: warning: unknown command in header_checks map: EARLY",
        "cleanup[5]: AAAAAAAAAA2: message-id=<2@x>",
    )
    assert any("LATE" in line.text for line in log.of_mail["AAAAAAAAAA1"])
    assert not any("EARLY" in line.text for line in log.of_mail["AAAAAAAAAA1"])
    assert any("EARLY" in line.text for line in log.of_mail["AAAAAAAAAA2"])


def test_a_notice_is_known_with_the_mail_it_is_about() -> None:
    log = log_of("bounce[6]: 1120726E104: sender non-delivery notification: 2220726E104")
    assert log.notices == [("bounce", "1120726E104", "2220726E104")]


@pytest.mark.parametrize(
    ("line", "fatal"),
    [
        (HEAD + "smtpd[8]: fatal: bad boolean configuration: soft_bounce = maybe", "bad boolean configuration: soft_bounce = maybe"),
        ("postfix/master: fatal: bind: Address already in use", "bind: Address already in use"),
        ("Nov 24 20:35:37 gw postfix[3]: fatal: no such thing", "no such thing"),
        (HEAD + "smtpd[8]: warning: nothing that matters", ""),
        ("rubbish \udcff", ""),
    ],
)  # fmt: skip
def test_why_it_does_not_go_on(line: str, fatal: str) -> None:
    log = MailLog()
    log.add(line)
    assert log.fatal == fatal


def test_what_it_says_because_of_how_it_is_run_is_left_out() -> None:
    log = log_of(
        "smtpd[8]: warning: pass_accept_attr: cannot receive file descriptor: Application error",
        "smtpd[8]: warning: /etc/postfix/main.cf, line 9: overriding earlier entry: soft_bounce=no",
        "smtpd[8]: warning: /etc/postfix/main.cf, line 3: overriding earlier entry: mynetworks=all",
        overridden=("soft_bounce",),
    )
    assert log.ready
    assert [line.text for line in log.lines] == [
        "warning: /etc/postfix/main.cf, line 3: overriding earlier entry: mynetworks=all"
    ]


CLIENT = "smtpd[8]: AAAAAAAAAA1: client=mail.ok.test[192.0.2.8]"
SAID = "RCPT from mail.ok.test[192.0.2.8]: <a@ok.test>: Sender address x; from=<a@ok.test> to=<u@gw.test> proto=ESMTP"
MESSAGE_ID = "cleanup[5]: AAAAAAAAAA1: message-id=<1@x>"
TAKEN_UP = "qmgr[4]: AAAAAAAAAA1: from=<a@ok.test>, size=1, nrcpt=1 (queue active)"
TOOK_ONE = "smtpd[8]: disconnect from mail.ok.test[192.0.2.8] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"
TOOK_NONE = TOOK_ONE.replace("data=1", "rset=1")
IN_CHUNKS = TOOK_ONE.replace("data=1", "bdat=2")
BROKE_OFF = "smtpd[8]: lost connection after DATA (5 bytes) from x[1]"
OF_ACCESS = [
    (f"smtpd[8]: NOQUEUE: discard: {SAID}", (CLIENT, TOOK_ONE), ["discarded"]),
    (f"smtpd[8]: NOQUEUE: discard: {SAID}", (CLIENT, IN_CHUNKS), ["discarded"]),
    (f"smtpd[8]: NOQUEUE: discard: {SAID}", (CLIENT, f"smtpd[8]: NOQUEUE: reject: {SAID}", TOOK_ONE), ["discarded"]),
    (
        f"smtpd[8]: NOQUEUE: discard: {SAID}",
        (CLIENT, f"smtpd[8]: AAAAAAAAAA1: reject: {SAID}", TOOK_ONE),
        ["discarded"],
    ),
    (CLIENT, (MESSAGE_ID, f"smtpd[8]: AAAAAAAAAA1: discard: {SAID}", TOOK_ONE), ["discarded"]),  # at the end of data
    (f"smtpd[8]: NOQUEUE: discard: {SAID}", (CLIENT, TOOK_NONE), []),
    (f"smtpd[8]: NOQUEUE: discard: {SAID}", (CLIENT, MESSAGE_ID, TAKEN_UP, TOOK_ONE), []),  # the one before was reset
    (f"smtpd[8]: NOQUEUE: discard: {SAID}", (CLIENT, BROKE_OFF, TOOK_ONE), []),
    (f"smtpd[8]: NOQUEUE: redirect: {SAID}", (CLIENT, MESSAGE_ID, TAKEN_UP), ["redirected"]),
    (f"smtpd[8]: NOQUEUE: redirect: {SAID}", (CLIENT, MESSAGE_ID, TAKEN_UP.replace("a@ok", "b@ok")), []),
]


@pytest.mark.parametrize(("said", "then", "fates"), OF_ACCESS)
def test_what_access_did_before_there_was_a_queue_id_goes_to_the_mail_that_follows(
    said: str, then: tuple[str, ...], fates: list[str]
) -> None:
    log = log_of("smtpd[8]: connect from localhost[127.0.0.1]", said, *then)
    assert log.fates("AAAAAAAAAA1", NOTHING) == fates
    assert log.latest is not None
    assert len(log.told(log.latest)) == len({id(line) for line in log.told(log.latest)}), "no line twice"


def test_a_recipient_that_is_refused_still_holds_the_mail() -> None:
    log = log_of("smtpd[8]: connect from localhost[127.0.0.1]", f"smtpd[8]: NOQUEUE: hold: {SAID}", CLIENT, MESSAGE_ID)
    assert log.fates("AAAAAAAAAA1", NOTHING) == []
    assert log.fates("AAAAAAAAAA1", frozenset({"AAAAAAAAAA1"})) == ["held"]


REDIRECTED = "cleanup[5]: AAAAAAAAAA1: redirect: header Subject: x from a[192.0.2.1]; from=<a@ok.test>: other@gw.test"


def test_a_mail_that_is_refused_after_all_is_not_redirected() -> None:
    log = log_of(CLIENT, REDIRECTED, "cleanup[5]: AAAAAAAAAA1: reject: mime-error improper use of 8-bit data; from=<>")
    assert log.fates("AAAAAAAAAA1", NOTHING) == []
    log = log_of(CLIENT, REDIRECTED)
    assert log.fates("AAAAAAAAAA1", frozenset({"AAAAAAAAAA1"})) == ["redirected"], "it is on hold"
    log.add(HEAD + TAKEN_UP)
    assert log.fates("AAAAAAAAAA1", NOTHING) == ["redirected"]


def test_a_mail_that_was_refused_is_not_the_one_that_was_taken_and_discarded() -> None:
    log = log_of(
        "smtpd[8]: connect from localhost[127.0.0.1]",
        CLIENT.replace("AAA1", "AAA0"),
        "smtpd[8]: AAAAAAAAAA0: reject: END-OF-MESSAGE from mail.ok.test[192.0.2.8]: 450 4.3.2 later; from=<a@ok.test>",
        f"smtpd[8]: NOQUEUE: discard: {SAID}",
        CLIENT,
        TOOK_ONE.replace("data=1", "data=1/2"),
    )
    assert log.fates("AAAAAAAAAA1", NOTHING) == ["discarded"]


def test_who_a_notice_was_for_is_told_though_it_never_arrived() -> None:
    log = log_of(
        "error[9]: AAAAAAAAAA1: to=<b@gw.test>, orig_to=<a@gw.test>, relay=none, delay=0, dsn=5.0.0, status=bounced (no)",
        "error[9]: AAAAAAAAAA1: to=<c@gw.test>, relay=none, delay=0, dsn=5.0.0, status=bounced (no)",
    )
    assert log.recipients("AAAAAAAAAA1") == ("a@gw.test", "c@gw.test")
    assert log.recipients("AAAAAAAAAA2") == ()
