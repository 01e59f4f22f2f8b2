"""maillog: lines that pflogsumm and grep can read."""

from __future__ import annotations

from harness.clock import HandClock
from harness.gateway.maillog import MailLog, printable


def test_a_line_has_stamp_host_program_and_pid() -> None:
    lines: list[str] = []
    log = MailLog(HandClock(1060506000.0), "gw.ok.test", lines.append)
    log.line("smtpd", 7, "connect from x\ny")
    log.line("ravmd", 8, "clean")
    assert lines == ["Aug 10 09:00:00 gw postfix/smtpd[7]: connect from x?y", "Aug 10 09:00:00 gw ravmd[8]: clean"]


def test_what_cannot_be_printed_is_a_question_mark() -> None:
    assert printable("a\0b\udcffc") == "a?b?c" and printable("plain é") == "plain é"


def test_without_smtputf8_every_byte_beyond_ascii_is_a_question_mark() -> None:
    assert printable("café \udcff\n", utf8=False) == "caf?? ??"
