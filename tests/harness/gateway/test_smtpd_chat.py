"""smtpd_chat: what every answer goes through."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from harness.clock import HandClock
from harness.gateway.dns import Resolver
from harness.gateway.maillog import MailLog
from harness.gateway.policy.known import Known
from harness.gateway.session import Client, Session
from harness.gateway.settings import Settings
from harness.gateway.smtpd_chat import Chat
from harness.gateway.smtpd_settings import smtpd_settings
from harness.smtp.reply import reply

NO = reply(550, "5.7.1", "no")
Open = Callable[..., Chat]


@pytest.fixture
def chat(tmp_path: Path) -> Open:
    def opened(**parameters: str) -> Chat:
        text = "".join(f"{name} = {value}\n" for name, value in parameters.items())
        (tmp_path / "main.cf").write_text(f"myhostname = gw\n{text}")
        settings, log = Settings.load(tmp_path), MailLog(HandClock(0.0), "gw")
        session = Session(Client("192.0.2.8"), cast(Resolver, None), where="RCPT", recipients=["a@ok.test"])
        return Chat(smtpd_settings(settings), Known(settings, log), session, log)

    return opened


def test_soft_bounce_takes_a_hundred_from_code_and_a_class_from_status(chat: Open) -> None:
    assert chat(soft_bounce="yes").say(NO) == b"450 4.7.1 no\r\n"
    assert chat(soft_bounce="yes").say(reply(250, "2.0.0", "Ok")) == b"250 2.0.0 Ok\r\n"


def test_421_and_521_end_the_conversation_and_soft_bounce_makes_one_of_the_other(chat: Open) -> None:
    for code, soft, ends in ((421, "no", True), (521, "no", True), (521, "yes", True), (550, "no", False)):
        one = chat(soft_bounce=soft)
        one.say(reply(code, "", "bye"))
        assert one.closing is ends


def test_a_refusal_counts_unless_it_is_excused(chat: Open) -> None:
    one = chat()
    one.excused = True
    one.refuse(NO)
    assert one.errors == 0
    one.refuse(NO)
    assert one.errors == 1


def test_last_words_come_once_and_know_nothing_of_a_transaction_that_is_over(chat: Open) -> None:
    one = chat(smtpd_hard_error_limit="2", smtpd_reject_footer="of $recipient.")
    assert one.with_last_words(one.refuse(NO)) == b"550-5.7.1 no\r\n550 5.7.1 of a@ok.test.\r\n"
    said = one.refuse(NO)
    one.s.reset_transaction()
    assert one.with_last_words(said) == said + b"421-4.7.0 gw Error: too many errors\r\n421 4.7.0 of .\r\n"
    assert one.closing
    assert one.with_last_words(b"x") == b"x"
