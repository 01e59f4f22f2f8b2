"""transcript: the dialogue as text, masked."""

from __future__ import annotations

import pytest

from harness.observation import Exchange, SessionSeen
from harness.smtp.reply import reply
from harness.transcript import masked, transcript


def test_each_line_says_who_spoke() -> None:
    seen = SessionSeen(
        "s",
        (
            Exchange("connect", b"", reply(220, "", "gw ESMTP")),
            Exchange("end_of_data", b"a\r\n.\r\n", reply(250, "2.0.0", "Ok: queued as 4F2A1C0D")),
            Exchange("quit", b"QUIT\r\n", None),
        ),
    )
    assert transcript(seen) == (
        "S: 220 gw ESMTP\nC: a\nC: .\nS: 250 2.0.0 Ok: queued as <queue-id>\nC: QUIT\nS! hung up\n"
    )


def test_dates_ids_and_ports_are_masked() -> None:
    assert masked("with ESMTP id 4F2A1C0D; Sun, 10 Aug 2003 09:00:00 +0000 (UTC)") == "with ESMTP id <queue-id>; <date>"
    assert masked("relay=127.0.0.1[127.0.0.1]:41234") == "relay=127.0.0.1[127.0.0.1]:<port>"


@pytest.mark.parametrize(
    "text",
    ["an id please1 of ours", "the id decade1 there", "call 0301234567", "FACADEFACE", "kept as 1"],
)
def test_words_that_are_no_queue_ids_stay(text: str) -> None:
    assert masked(text) == text


def test_the_ids_of_the_session_are_masked_wherever_they_stand() -> None:
    assert masked("a 0123456789 and <0123456789@gw>, 01234567890", ("0123456789",)) == (
        "a <queue-id> and <<queue-id>@gw>, 01234567890"
    )
    seen = SessionSeen("s", (Exchange("other", b"ETRN x", reply(250, "", "as 4XyZ12")),), queue_ids=("4XyZ12",))
    assert transcript(seen) == "C: ETRN x\nS: 250 as <queue-id>\n"


def test_a_long_message_is_cut_in_the_middle() -> None:
    text = transcript(SessionSeen("s", (Exchange("end_of_data", b"x" * 100_000, reply(250, "", "Ok")),)))
    assert len(text) < 2500 and "98000 characters" in text
