"""rejection: the reason without what differs from mail to mail, and whom it is counted for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.rejection import host_of, lower, rejection

TAIL = "; from=<a@b.test> to=<c@d.test> proto=ESMTP helo=<h>"


@pytest.mark.parametrize(
    ("command", "reply", "reason", "because_of"),
    [
        ("RCPT", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using rbl.test; listed" + TAIL, "blocked using rbl.test", "mail.x.test"),
        ("RCPT", "554 5.7.1 <c@d.test>: Relay access denied" + TAIL, "Relay access denied", "mail.x.test"),
        ("RCPT", "450 4.1.2 <c@d.test>: Recipient address rejected: Domain not found" + TAIL, "Recipient address rejected: Domain not found", "c@d.test"),
        ("RCPT", "504 5.5.2 <a>: Sender address rejected: need fully-qualified address; from=<a> to=<c@d.test> proto=SMTP helo=<h>", "Sender address rejected: need fully-qualified address", "a"),
        ("RCPT", "503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining" + TAIL, "Data command rejected: Improper use of SMTP command pipelining", "mail.x.test"),
        ("RCPT", "503 Improper use of SMTP command pipelining" + TAIL, "Improper use of SMTP command pipelining", "mail.x.test[192.0.2.1]"),
        ("MAIL", "552 5.3.4 Message size exceeds fixed limit; proto=ESMTP helo=<h>", "5.3.4 Message size exceeds fixed limit", "mail.x.test"),
        ("CONNECT", "550 5.5.1 Protocol error; from=<a>, to=<b>, proto=ESMTP", "Protocol error", "mail.x.test"),
    ],
)  # fmt: skip
def test_reasons(command: str, reply: str, reason: str, because_of: str) -> None:
    found = rejection(f"postfix/smtpd[1]: NOQUEUE: reject: {command} from mail.x.test[192.0.2.1]: {reply}")
    assert found is not None and (found.command, found.reason, found.because_of) == (command, reason, because_of)
    assert found.client == "mail.x.test[192.0.2.1]" and found.reply == reply


def test_a_name_in_angle_brackets_behind_the_code_cannot_end_the_reason() -> None:
    found = rejection(
        "postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 504 <a; b: c>: Helo command rejected: no" + TAIL
    )
    assert found is not None and found.reason == "Helo command rejected: no"


@pytest.mark.parametrize(
    ("client", "host"),
    [("mail.ok.com[192.0.2.1]", "ok.com"), ("unknown[192.0.2.1]", "192.0.2.1"), ("a.b.co.uk[192.0.2.1]", "b.co.uk"), ("mail.ok.test[192.0.2.1]", "mail.ok.test"),
     ("unknown[2001:db8::1]", "2001:db8::1"), ("old.style.com/192.0.2.1", "style.com"), ("nonsense", "")],
)  # fmt: skip
def test_hosts(client: str, host: str) -> None:
    assert host_of(client) == host


def test_only_ascii_letters_are_lowered() -> None:
    assert lower("ÄB") == "Äb"


@given(st.text())
def test_any_line_is_read_or_not(text: str) -> None:
    rejection(text)
    rejection(f"x: reject: RCPT from {text}: {text}")
    host_of(text)
