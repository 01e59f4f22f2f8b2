"""clock: one goes by itself, the other only when it is turned."""

from __future__ import annotations

import time

from harness.clock import HandClock, SystemClock


def test_the_system_clock_is_the_machine_s() -> None:
    before = time.time()
    assert before <= SystemClock().now() <= time.time()


def test_the_hand_clock_stands_still_until_it_is_turned() -> None:
    clock = HandClock(100.0)
    assert clock.now() == clock.now() == 100.0
    clock.turn(2.5)
    assert clock.now() == 102.5
