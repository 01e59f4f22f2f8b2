from __future__ import annotations

from harness.impact.decide import Decider
from harness.impact.wire import fates
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
