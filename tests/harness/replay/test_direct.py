from __future__ import annotations

import pytest

from harness.gateway.session import NameStatus
from harness.gateway.smtp_client import Manners
from harness.replay.direct import MemoryHop, client_of
from harness.replay.hop_script import HopScript
from harness.replay.identity import Identity
from harness.scenario import HopRule, NextHop


@pytest.mark.parametrize(
    ("name", "reverse", "expected"),
    [
        ("a.test", "b.test", ("a.test", NameStatus.OK, "b.test", NameStatus.OK)),
        ("[UNAVAILABLE]", "b.test", ("unknown", NameStatus.PERMANENT, "b.test", NameStatus.OK)),
        ("unknown", "[TEMPUNAVAIL]", ("unknown", NameStatus.PERMANENT, "unknown", NameStatus.TEMPORARY)),
    ],
)
def test_the_client_is_what_xclient_makes_of_it(
    name: str, reverse: str, expected: tuple[str, NameStatus, str, NameStatus]
) -> None:
    client = client_of(Identity("192.0.2.1", name=name, reverse_name=reverse), 7)
    assert (client.name, client.name_status, client.reverse_name, client.reverse_name_status) == expected
    assert (client.address, client.port) == ("192.0.2.1", "7")


@pytest.mark.parametrize(
    ("replies", "codes", "kept"),
    [
        ({}, {"a@x.test": 250, "b@x.test": 250}, 1),
        ({"RCPT b@x.test": "452 4.2.2 full"}, {"a@x.test": 250, "b@x.test": 452}, 1),
        ({"RCPT": "550 5.1.1 no"}, {"a@x.test": 550, "b@x.test": 550}, 0),
        ({"MAIL s@y.test": "451 4.3.0 later"}, {"a@x.test": 451, "b@x.test": 451}, 0),
        ({"END-OF-DATA": "550 5.7.1 no"}, {"a@x.test": 550, "b@x.test": 550}, 0),
    ],
)
def test_the_next_hop_says_what_it_is_told_to(replies: dict[str, str], codes: dict[str, int], kept: int) -> None:
    hop = MemoryHop(HopScript(NextHop(replies=replies)))
    sent = hop.send("hop[192.0.2.1]:25", Manners(), "s@y.test", ["a@x.test", "b@x.test"], b"Subject: x\n\ny\n")
    assert {recipient: reply.code for recipient, (reply, _) in sent.replies.items()} == codes
    assert len(hop.deliveries) == kept


@pytest.mark.parametrize(
    ("rule", "tls", "lost", "kept"),
    [
        (HopRule("connect", drop="close"), "", "4.4.2 lost connection with hop[192.0.2.1] while receiving the initial server greeting", 0),
        (HopRule("mail", silence=True), "", "4.4.2 conversation with hop[192.0.2.1] timed out while sending MAIL FROM", 0),
        (HopRule("content", drop="reset"), "", "4.4.2 lost connection with hop[192.0.2.1] while sending end of data -- message may be sent more than once", 0),
        (HopRule("end_of_data", drop="close", taken=True), "", "4.4.2 lost connection with hop[192.0.2.1] while sending end of data -- message may be sent more than once", 1),
        (HopRule("mail", delay="1s"), "encrypt", "4.7.4 TLS is required, but was not offered by host hop[192.0.2.1]", 0),
        (HopRule("starttls", reply="454 4.7.0 no"), "encrypt", "4.7.0 TLS is required, but host hop[192.0.2.1] refused to start TLS: 454 4.7.0 no", 0),
    ],
)  # fmt: skip
def test_what_breaks_the_conversation_breaks_it_in_the_same_words(
    rule: HopRule, tls: str, lost: str, kept: int
) -> None:
    hop = MemoryHop(HopScript(NextHop([rule])))
    sent = hop.send("hop[192.0.2.1]:25", Manners(tls=tls), "s@y.test", ["a@x.test"], b"Subject: x\n\ny\n")
    assert (sent.replies, " ".join(sent.lost or ()), len(hop.deliveries)) == ({}, lost, kept)


def test_a_greeting_of_5xx_is_no_final_word() -> None:
    hop = MemoryHop(HopScript(NextHop([HopRule("connect", reply="554 5.3.2 no")])))
    assert hop.send("hop[192.0.2.1]:25", Manners(), "s@y.test", ["a@x.test"], b"x\n").soft
