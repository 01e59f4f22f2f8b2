"""test_received - the header smtpd writes."""

from typing import cast

from harness.gateway.cleanup.received import mail_date, received
from harness.gateway.dns import Resolver
from harness.gateway.session import Client, Session


def test_only_a_single_recipient_is_named() -> None:
    session = Session(Client("2001:db8::1"), cast(Resolver, None), protocol="ESMTP", recipients=["a b@c"])
    lines = received(session, "Q", 0, hostname="h", mail_name="Postfix", show_login=False)
    assert lines == (
        "Received: from unknown (unknown [IPv6:2001:db8::1])\n\tby h (Postfix) with ESMTP id Q\n"
        '\tfor <"a b"@c>; Thu,  1 Jan 1970 00:00:00 +0000 (UTC)'
    )
    session.recipients.append("d@e")
    lines = received(session, "Q", 0, hostname="h", mail_name="P", show_login=False)
    assert lines.endswith(" id Q;\n\tThu,  1 Jan 1970 00:00:00 +0000 (UTC)"), "the date has a line of its own"


def test_a_login_makes_it_esmtpa_whether_auth_is_offered_or_not() -> None:
    session = Session(Client("192.0.2.8"), cast(Resolver, None), protocol="ESMTP", sasl_username="joe")
    assert " with ESMTPA id Q" in received(session, "Q", 0, hostname="h", mail_name="P", show_login=False)


def test_days_are_padded_with_a_blank() -> None:
    assert mail_date(0) == "Thu,  1 Jan 1970 00:00:00 +0000 (UTC)"
