"""smtpd_lines: what is said of commands before they are obeyed."""

from pathlib import Path
from typing import cast

from harness.gateway.dns import Resolver
from harness.gateway.session import Client, Session
from harness.gateway.smtpd_lines import command_counts, filtered, no_message_yet
from harness.gateway.table import TableContext, open_table


def test_a_filter_is_asked_without_the_blanks_in_front() -> None:
    table = open_table("regexp:{{/^noop x/ RSET}}", TableContext(Path(), print))
    assert filtered(b" \tnoop x", (table,)) == ("noop x", "RSET")
    assert filtered(b"NOOP", (table,)) is None and filtered(b"NOOP", ()) is None


def test_content_needs_a_recipient() -> None:
    session = Session(Client("192.0.2.8"), cast(Resolver, None))
    assert str(no_message_yet(session)) == "503 5.5.1 Error: need RCPT command"
    session.sender = ""
    assert str(no_message_yet(session)) == "554 5.5.1 Error: no valid recipients"
    session.recipients = ["a@b.test"]
    assert no_message_yet(session) is None


def test_commands_are_counted_in_their_order() -> None:
    counted = command_counts({"mail": 2, "ehlo": 1, "unknown": 0}, {"mail": 1, "ehlo": 1})
    assert counted == "ehlo=1 mail=1/2 commands=2/3"
