from __future__ import annotations

import pytest

from harness.impact.decide import Decider
from harness.impact.world import World
from harness.replay.script import parse_chat

from .conftest import MESSAGE, Rules, sample

RBL = {"smtpd_recipient_restrictions": "reject_rbl_client rbl.test, permit"}


def test_a_good_mail_reaches_its_recipients(rules: Rules, world: World) -> None:
    fate = Decider(rules("old", RBL), world).decide(sample())
    assert (fate.verdict, fate.code, fate.reached, fate.refused) == ("accept", 250, ("b@ok.test",), ())
    assert fate.cause.text == "permit" and fate.digest and "queued as" not in fate.text


def test_a_listed_client_is_refused_by_that_line(rules: Rules, world: World) -> None:
    fate = Decider(rules("old", RBL), world).decide(sample(client="192.0.2.66"))
    assert (fate.verdict, fate.phase, fate.code) == ("reject", "rcpt", 554)
    assert fate.refused == ("b@ok.test",) and fate.cause.text == "reject_rbl_client"


def test_the_same_session_has_the_same_fate_again(rules: Rules, world: World) -> None:
    decider = Decider(rules("old", RBL), world)
    first = [decider.decide(sample()), decider.decide(sample(client="192.0.2.66"))]
    assert [decider.decide(sample()), decider.decide(sample(client="192.0.2.66"))] == first


def test_one_recipient_of_two_may_be_refused(rules: Rules, world: World) -> None:
    fate = Decider(rules("old"), world).decide(sample(recipients=("b@ok.test", "c@other.test")))
    assert (fate.verdict, fate.reached, fate.refused) == ("accept", ("b@ok.test",), ("c@other.test",))


def test_a_script_is_played_as_it_is_written(rules: Rules, world: World) -> None:
    chat = "S: 220\nC: EHLO x.test\nS* 250\nC: MAIL FROM:<a@good.test>\nS: 250\nC: RCPT TO:<c@other.test>\nS: 554\n"
    fate = Decider(rules("old"), world).decide(sample(script=parse_chat(chat, {}, "chat")))
    assert (fate.verdict, fate.refused) == ("reject", ("c@other.test",))


def test_a_client_that_has_a_name_keeps_it(rules: Rules, world: World) -> None:
    decider = Decider(rules("old", {"smtpd_client_restrictions": "reject_unknown_client_hostname"}), world)
    assert decider.decide(sample(client="192.0.2.99")).verdict == "defer"
    assert decider.decide(sample(client="192.0.2.99", name="any.good.test")).verdict == "accept"


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff\r\n", b".\r\n", b"no header at all", MESSAGE[:-2], b"\r\n.\r\nQUIT\r\n"]
)
def test_no_content_is_too_odd(rules: Rules, world: World, data: bytes) -> None:
    assert Decider(rules("old"), world).decide(sample(data=data)).verdict == "accept"


def test_what_breaks_one_session_fails_that_session(rules: Rules, world: World) -> None:
    fate = Decider(rules("old"), world).decide(sample(client="not an address"))
    assert fate.verdict == "failed" and "not an address" in fate.failure
