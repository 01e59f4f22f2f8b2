from __future__ import annotations

from pathlib import Path

import pytest

import fakedns
from harness.clock import HandClock
from harness.gateway.content.examine import Engine
from harness.gateway.direct import DirectGateway, now
from harness.gateway.maillog import MailLog
from harness.gateway.resolver import ZoneResolver
from harness.gateway.session import Client, NameStatus
from harness.gateway.settings import Settings

from .conftest import BASE, ZONE, Heard

MAIL = b"EHLO mail.good.test\r\nMAIL FROM:<a@good.test>\r\nRCPT TO:<b@ok.test>\r\nDATA\r\n"


def gateway(path: Path, extra: dict[str, str] | None = None) -> tuple[DirectGateway, Heard, list[str]]:
    (path / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in (BASE | (extra or {})).items()))
    heard, lines = Heard(), list[str]()
    log = MailLog(HandClock(1060506000.0), "gw.ok.test", lines.append)
    zone = fakedns.parse_zone(ZONE)
    made = DirectGateway(Settings.load(path), Engine.load(path / "rav"), ZoneResolver(zone), log, heard)
    return made, heard, lines


def good() -> Client:
    return Client("192.0.2.7", "1", "mail.good.test", NameStatus.OK, "mail.good.test", NameStatus.OK)


def test_a_mail_is_taken_and_delivered(tmp_path: Path) -> None:
    made, heard, _ = gateway(tmp_path)
    session = made.open(good())
    assert session.greet().startswith(b"220 gw.ok.test")
    assert session.receive(MAIL).endswith(b"354 End data with <CR><LF>.<CR><LF>\r\n")
    assert b"250 2.0.0 Ok: queued as" in session.receive(b"Subject: hi\r\n\r\nhello\r\n.\r\n")
    assert heard.fates == [(heard.ids[0], "delivered")]
    assert session.receive(b"QUIT\r\n") == b"221 2.0.0 Bye\r\n" and session.closing
    assert made.queue.pending() == ([], [])


def test_a_client_that_has_no_name_yet_is_looked_up(tmp_path: Path) -> None:
    made, _, lines = gateway(tmp_path)
    session = made.open(Client("192.0.2.7"), named=False)
    session.greet()
    assert session.session.client.namaddr == "mail.good.test[192.0.2.7]"
    session.close()
    session.close()
    assert [line.partition("]: ")[2] for line in lines] == [
        "connect from mail.good.test[192.0.2.7]",
        "lost connection after CONNECT from mail.good.test[192.0.2.7]",
        "disconnect from mail.good.test[192.0.2.7] commands=0",
    ]


def test_bytes_may_come_in_any_pieces(tmp_path: Path) -> None:
    whole = MAIL + b"Subject: hi\r\n\r\nhello\r\n.\r\nQUIT\r\n"
    said = []
    for step in (1, 7, len(whole)):
        made, _, _ = gateway(tmp_path)
        session = made.open(good())
        session.greet()
        said.append(b"".join(session.receive(whole[at : at + step]) for at in range(0, len(whole), step)))
    assert said[0] == said[1] == said[2]


def test_sleep_and_error_delays_take_no_time(tmp_path: Path) -> None:
    slow = {"smtpd_error_sleep_time": "60s", "smtpd_soft_error_limit": "1", "smtpd_client_restrictions": "sleep 60"}
    made, _, _ = gateway(tmp_path, slow)
    session = made.open(good())
    session.greet()
    assert session.receive(b"NONSENSE\r\n" * 3).count(b"500 5.5.2") == 3
    assert session.receive(MAIL).count(b"\r\n250 2.1.5 Ok\r\n") == 1


def test_a_policy_server_that_is_not_there_is_asked_all_the_same(tmp_path: Path) -> None:
    asks = {
        "smtpd_recipient_restrictions": f"check_policy_service unix:{tmp_path}/nobody",
        "smtpd_policy_service_retry_delay": "0s",
    }
    made, _, lines = gateway(tmp_path, asks)
    session = made.open(good())
    session.greet()
    assert b"451 4.3.5 <b@ok.test>: Recipient address rejected: Server configuration problem" in session.receive(MAIL)
    assert any(f"{tmp_path}/nobody" in line for line in lines)


def test_what_waits_is_our_own_mistake() -> None:
    import asyncio

    async def waits() -> None:
        await asyncio.sleep(0)

    with pytest.raises(AssertionError, match="no event loop"):
        now(waits())
