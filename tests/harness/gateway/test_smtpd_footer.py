"""smtpd_footer: what stands below a refusal."""

from pathlib import Path
from typing import cast

import pytest

from harness.clock import HandClock
from harness.gateway.dns import Resolver
from harness.gateway.maillog import MailLog
from harness.gateway.policy.known import Known
from harness.gateway.session import Client, Session
from harness.gateway.settings import Settings
from harness.gateway.smtpd_footer import footed
from harness.smtp.reply import reply


def known(directory: Path) -> Known:
    (directory / "main.cf").write_text(
        "myhostname = gw\nsmtpd_expansion_filter = abcdefghijklmnopqrstuvwxyz.@0123456789\n"
    )
    return Known(Settings.load(directory), MailLog(HandClock(0.0), "gw"))


@pytest.mark.parametrize(
    ("template", "lines"),
    [
        ("call $server_name", ("no", "call gw")),
        (r"\c; at $client_address", ("no; at 192.0.2.8",)),
        (r"\c,\nfor $recipient", ("no,", "for first@ok.test")),
        ("$helo_name", ("no", "_x_")),
        ("${broken", ("no",)),
    ],
)
def test_a_footer_has_lines_of_its_own_or_goes_on(template: str, lines: tuple[str, ...], tmp_path: Path) -> None:
    session = Session(
        Client("192.0.2.8"), cast(Resolver, None), helo_name="$x>", recipients=["first@ok.test", "b@ok.test"]
    )
    session.recipient = "now@ok.test"
    assert footed(reply(550, "5.7.1", "no"), template, known(tmp_path), session).lines == lines
    assert session.recipient == "now@ok.test"
