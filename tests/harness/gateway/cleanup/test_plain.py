"""plain: the short way gives what the long way gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakedns
from harness.clock import HandClock
from harness.gateway.cleanup import Cleanup
from harness.gateway.maillog import MailLog
from harness.gateway.resolver import ZoneResolver
from harness.gateway.session import Client, Session
from harness.gateway.settings import Settings

HEADERS = (
    b"From: a@good.test", b"From: me", b"from: Some Body <a.b@host>", b"Sender: x (c)", b"To: u@ok.test, v", b"TO: <u>,",
    b"Cc: grp: a, b;,\n c@d", b"Reply-To :x", b"Bcc: hidden", b"Resent-From: x", b"X-From: me", b"Subject: From: me",
    b"Date: now", b"Message-Id: <x@y>", b"To: a\0b", b"To:", b"Apparently-To: z", b"Errors-To: \xff", b"no header",
    b"X: y\nTo: me", b"To: " + b", ".join(b"somebody%d" % n for n in range(9)),
)  # fmt: skip
COMPLETE = b"From: me\nTo: u@ok.test\nDate: now\nMessage-Id: <x@y>\n"


def cleanups(directory: Path) -> tuple[Cleanup, Cleanup, list[str]]:
    (directory / "main.cf").write_text("myhostname = gw.ok.test\nappend_dot_mydomain = yes\nmydomain = ok.test\n")
    lines: list[str] = []
    log = MailLog(HandClock(5.0), "gw.ok.test", lines.append)
    short, long = Cleanup(Settings.load(directory), log), Cleanup(Settings.load(directory), log)
    assert short._plain is not None
    long._plain = None
    return short, long, lines


def local() -> Session:
    session = Session(Client("127.0.0.1"), ZoneResolver(fakedns.Zone()), sender="a@good.test", recipients=["u@ok.test"])
    session.connected = session.client
    return session


@given(st.lists(st.sampled_from(HEADERS), max_size=7))
def test_a_local_mail_is_rewritten_alike_on_both_ways(
    tmp_path_factory: pytest.TempPathFactory, headers: list[bytes]
) -> None:
    short, long, lines = cleanups(tmp_path_factory.getbasetemp())
    data = COMPLETE + b"".join(header + b"\n" for header in headers) + b"\nFrom: me\n"
    seen = []
    for cleanup in (short, short, long):  # once more what is remembered
        made = cleanup.process(local(), "A1", data)
        seen.append((made.data, made.reply, lines.copy()))
        lines.clear()
    assert seen[0] == seen[1] == seen[2]


def test_a_header_that_lacks_a_domain_does_not_go_the_long_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.gateway.cleanup import process

    short, _, _ = cleanups(tmp_path)
    monkeypatch.setattr(process, "MimeState", None)
    assert b"\nFrom: me@gw.ok.test\nTo: u@ok.test\n" in short.process(local(), "A1", COMPLETE + b"\nhi\n").data
