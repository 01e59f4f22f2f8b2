"""hop_script: which rule holds, how often, and which rules there cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from harness.clock import HandClock
from harness.errors import ScenarioError
from harness.replay.hop_script import BY_HAND, HopScript
from harness.scenario import HopRule, NextHop

LATER = "450 4.2.0 later"


def script(*rules: HopRule, clock: HandClock | None = None) -> HopScript:
    return HopScript(NextHop(list(rules)), clock)


def held(rule: HopRule | None) -> str:
    return "" if rule is None else rule.reply or "holds"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (HopRule("rcpt", times=2, reply=LATER), "yyn n"),
        (HopRule("rcpt", skip=1, times=1, reply=LATER), "nyn n"),
        (HopRule("rcpt", every=2, reply=LATER), "nyn y"),
        (HopRule("rcpt", skip=1, every=2, reply=LATER), "nny n"),
        (HopRule("rcpt", reply=LATER), "yyy y"),
        (HopRule("mail", reply=LATER), "nnn n"),
        (HopRule("rcpt", sender="*@bad.test", reply=LATER), "nnn n"),
        (HopRule("rcpt", sender="<>", reply=LATER), "nnn n"),
        (HopRule("rcpt", sender="A@*", reply=LATER), "yyy y"),
    ],
)
def test_a_rule_holds_as_often_as_it_says(rule: HopRule, expected: str) -> None:
    hop = script(rule)
    met = "".join("ny"[hop.at("rcpt", "a@ok.test", ("u@slow.test",)) is not None] for _ in range(4))
    assert met == expected.replace(" ", "")


def test_each_address_a_rule_names_has_its_own_count() -> None:
    hop = script(HopRule("rcpt", to="*@slow.test", times=1, reply=LATER))
    asked = ["u@slow.test", "v@slow.test", "U@SLOW.test", "v@slow.test", "u@ok.test"]
    assert [hop.at("rcpt", "", (address,)) is not None for address in asked] == [True, True, False, False, False]
    hop = script(HopRule("rcpt", times=1, reply=LATER))  # it names none: all are counted together
    assert [hop.at("rcpt", "", (address,)) is not None for address in asked[:2]] == [True, False]


def test_the_first_rule_that_holds_wins_and_one_that_is_used_up_lets_the_next_speak() -> None:
    hop = script(HopRule("rcpt", times=1, reply="451 one"), HopRule("rcpt", times=1, reply="452 two"))
    assert [held(hop.at("rcpt", "", ("u@x",))) for _ in range(3)] == ["451 one", "452 two", ""]


def test_time_is_that_of_the_clock() -> None:
    clock = HandClock(1000.0)
    hop = script(
        HopRule("mail", until="5m", reply="451 early"), HopRule("mail", since="10m", reply="451 late"), clock=clock
    )
    assert held(hop.at("mail")) == "451 early"
    clock.turn(300)
    assert held(hop.at("mail")) == ""
    clock.turn(300)
    assert held(hop.at("mail")) == "451 late"


def test_a_rate_lets_so_many_pass_in_its_period() -> None:
    clock = HandClock()
    hop = script(HopRule("rcpt", to="*", rate="2/min", reply=LATER), clock=clock)

    def ask(address: str) -> str:
        return held(hop.at("rcpt", "", (address,)))

    assert [ask("u@x") for _ in range(4)] == ["", "", LATER, LATER]
    assert ask("v@x") == ""
    clock.turn(59)
    assert ask("u@x") == LATER
    clock.turn(1)
    assert [ask("u@x") for _ in range(3)] == ["", "", LATER]


def test_at_the_end_of_data_any_recipient_will_do() -> None:
    hop = script(HopRule("end_of_data", to="*@b.test", drop="close"))
    assert hop.at("end_of_data", "s@x", ("u@a.test", "u@b.test")) is not None
    assert hop.at("end_of_data", "s@x", ("u@a.test",)) is None


def test_replies_are_rules_in_short() -> None:
    hop = HopScript(NextHop(replies={"RCPT Full@gw.test": "452 4.2.2 full", "MAIL": LATER, "END-OF-DATA": "550 no"}))
    assert held(hop.at("rcpt", "", ("full@gw.test",))) == "452 4.2.2 full"
    assert held(hop.at("rcpt", "", ("u@gw.test",))) == ""
    assert held(hop.at("mail", "a@x")) == LATER
    assert held(hop.at("end_of_data")) == "550 no"


@pytest.mark.parametrize(
    ("address", "expected"),
    [("u+tempfail@ok.test", "450"), ("u+permfail@ok.test", "550"), ("u+slow@ok.test", "holds"), ("u@ok.test", "")],
)
def test_by_hand_an_address_says_what_it_wants(address: str, expected: str) -> None:
    rule = HopScript(also=BY_HAND).at("rcpt", "", (address,))
    assert held(rule)[:3] == expected[:3]


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ({"on": "rcpt"}, "does something"),
        ({"on": "rcpt", "reply": "later"}, "expects a reply as"),
        ({"on": "rcpt", "reply": LATER, "drop": "close"}, "one of reply, drop"),
        ({"on": "connect", "reply": LATER, "to": "u@x"}, "no recipient is known yet"),
        ({"on": "ehlo", "reply": LATER, "sender": "u@x"}, "no sender is known yet"),
        ({"on": "rcpt", "reply": LATER, "taken": True}, "at the end of data only"),
        ({"on": "data", "reply": LATER, "bytes": 10}, "those of the content"),
        ({"on": "content", "reply": LATER}, "in the middle of the content"),
        ({"on": "content", "delay": "1s"}, "as it comes"),
        ({"on": "rcpt", "reply": LATER, "times": 0}, "times: expects 1 or more"),
        ({"on": "rcpt", "reply": LATER, "rate": "often"}, "expects a rate as 3/min"),
        ({"on": "rcpt", "delay": "soon"}, "expects a time"),
    ],
)
def test_what_no_next_hop_can_do(rule: dict[str, Any], what: str) -> None:
    with pytest.raises(ScenarioError, match=what):
        script(HopRule(**rule))


@pytest.mark.parametrize(
    ("replies", "what"),
    [
        ({"RCTP": LATER}, "did you mean 'RCPT'"),
        ({"DATA x": LATER}, "no argument"),
        ({"DATA": "later"}, "expects a reply as"),
    ],
)
def test_what_no_next_hop_can_refuse(replies: dict[str, str], what: str) -> None:
    with pytest.raises(ScenarioError, match=what):
        HopScript(NextHop(replies=replies))
