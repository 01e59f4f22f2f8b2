from __future__ import annotations

import pytest

from harness.gateway.session import NameStatus
from harness.replay.direct import MemoryHop, client_of
from harness.replay.identity import Identity


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
    hop = MemoryHop(replies)
    sent = hop.send("hop", "gw.test", "s@y.test", ["a@x.test", "b@x.test"], b"Subject: x\n\ny\n")
    assert {recipient: reply.code for recipient, (reply, _) in sent.replies.items()} == codes
    assert len(hop.deliveries) == kept
