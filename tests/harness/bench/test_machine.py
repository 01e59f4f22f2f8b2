"""machine: which one it is, and how fast."""

from __future__ import annotations

from harness.bench.machine import differences, fingerprint, speed


def test_a_machine_is_itself_and_another_is_told_apart() -> None:
    here = fingerprint()
    assert all(here.values()) and differences(here, fingerprint()) == ""
    there = {**here, "processors": "64", "host": "big"}
    assert differences(there, here) == (
        f"host big then, {here['host']} now; processors 64 then, {here['processors']} now"
    )


def test_speed_is_about_the_same_twice() -> None:
    assert 0.2 < speed() / speed() < 5
