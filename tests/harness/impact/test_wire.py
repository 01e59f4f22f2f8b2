from __future__ import annotations

from harness.impact.decide import Decider
from harness.impact.wire import fates, without_stamp
from harness.impact.world import World

from .conftest import Rules, sample


def test_the_wire_and_direct_mode_give_the_same_fates(rules: Rules, world: World) -> None:
    directory = rules("old", {"smtpd_recipient_restrictions": "reject_rbl_client rbl.test, permit"})
    samples = [
        sample(), sample(id="one"), sample(id="two", client="192.0.2.66"), sample(id="three", client="192.0.2.99"),
        sample(id="four", name="x.good.test", client="192.0.2.99", recipients=("b@ok.test", "c@other.test")),
    ]  # fmt: skip
    decider = Decider(directory, world)
    assert fates(directory, world, samples, "reference") == [decider.decide(one) for one in samples]


FIRST = b"""X-Before: 4MpXzq2vZ8
Received: from a.test (a.test [192.0.2.7])
\tby gw.test (Postfix) with ESMTP id 94DEB20CC41
\tfor <b@ok.test>; Sat, 28 Nov 2026 17:18:12 +0000 (UTC)
Received: by b.test id 5; yesterday
Message-Id: <20261128171812.94DEB20CC41@gw.test>

It is 94DEB20CC41, of the last one.
"""


def test_what_one_run_wrote_is_left_out() -> None:
    second = (
        FIRST.replace(b"94DEB20CC41", b"4MpXzq2vZ9z").replace(b"17:18:12", b"18:00:01").replace(b"171812", b"180001")
    )
    assert without_stamp(FIRST) == without_stamp(second) != FIRST
    assert b"id 5; yesterday" in without_stamp(FIRST) and b"4MpXzq2vZ8" in without_stamp(FIRST)
    other = second.replace(b"of the last one", b"of another")
    assert without_stamp(other) != without_stamp(FIRST)
    for untouched in (b"Subject: x\n\nReceived: id 7; now\n", b"Received: what\n\nx\n", b""):
        assert without_stamp(untouched) == untouched
