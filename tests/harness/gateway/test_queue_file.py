"""queue_file: sizes that files of a real Postfix 3.7.11 had."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from harness.gateway.dns import Resolver
from harness.gateway.dsn import Wanted
from harness.gateway.queue_file import content_size, envelope_size, is_too_large
from harness.gateway.session import Client, Session

RECEIVED = (
    b"Received: from mail.ok.test (mail.ok.test [192.0.2.8])\n\tby accept.gw.test (Postfix) with ESMTP id 5DF9A20EE9E\n"
)
ONE = Session(
    Client("192.0.2.8", "42059", "mail.ok.test", reverse_name="mail.ok.test"), cast(Resolver, None),
    server_address="127.0.0.1", server_port="33467", protocol="ESMTP", helo_name="mail.ok.test",
    queue_id="5DF9A20EE9E", sender="a@ok.test", recipients=["user@gw.test"],
)  # fmt: skip
TWO = replace(
    ONE, client=Client("2001:db8::1", "41251", "unknown", reverse_name="unknown"), helo_name="[IPv6:2001:db8::1]",
    queue_id="6035420EEA0", sender="aa@ok.test", envelope_id="abc", returned="HDRS", body_type="8BITMIME",
)  # fmt: skip
BODY = b"Subject: x\n\nhi\n"


@pytest.mark.parametrize(
    ("session", "recipients", "data", "size"),
    [
        (ONE, ["user@gw.test"], RECEIVED + b"\tfor <user@gw.test>; Sat, 28 Nov 2026 15:42:44 +0000 (UTC)\n" + BODY, 855),
        (
            TWO,
            ["user@gw.test", "other@gw.test"],
            b"Received: from [IPv6:2001:db8::1] (unknown [IPv6:2001:db8::1])\n"
            b"\tby accept.gw.test (Postfix) with ESMTP id 6035420EEA0;\n\tSat, 28 Nov 2026 15:42:44 +0000 (UTC)\n" + BODY,
            975,
        ),
    ],
)  # fmt: skip
def test_files_that_were_there(session: Session, recipients: list[str], data: bytes, size: int) -> None:
    assert envelope_size(session, recipients) + content_size(data, 2048) == size
    assert is_too_large(session, recipients, data, size - 1, 2048) and not is_too_large(
        session, recipients, data, size, 2048
    )
    assert not is_too_large(session, recipients, data, 0, 2048), "0 is no limit"


@pytest.mark.parametrize(
    ("line", "size"), [(0, 2), (127, 129), (128, 131), (2047, 2050), (2048, 2051 + 2), (4100, 2 * 2051 + 6)]
)
def test_a_line_is_a_record_or_several(line: int, size: int) -> None:
    assert content_size(b"x" * line + b"\n", 2048) == size


def test_what_a_recipient_asks_for_takes_room() -> None:
    asked = replace(ONE, wanted={"user@gw.test": Wanted(("NEVER",), "rfc822;user@gw.test")})
    assert envelope_size(asked, ["user@gw.test"]) == envelope_size(ONE, ["user@gw.test"]) + len("A.dsn_notify=1")
