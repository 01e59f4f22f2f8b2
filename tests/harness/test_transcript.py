"""transcript: the dialogue as text, masked."""

from __future__ import annotations

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


def test_a_long_message_is_cut_in_the_middle() -> None:
    text = transcript(SessionSeen("s", (Exchange("end_of_data", b"x" * 100_000, reply(250, "", "Ok")),)))
    assert len(text) < 2500 and "98000 characters" in text
