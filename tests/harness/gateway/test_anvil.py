"""anvil: counts by client and unit of time."""

from __future__ import annotations

from harness.clock import HandClock
from harness.gateway import anvil
from harness.gateway.anvil import Anvil


def test_connections_come_and_go_and_their_rate_stays() -> None:
    counter = Anvil(HandClock(), 60)
    assert [counter.connect("192.0.2.7") for _ in range(2)] == [(1, 1), (2, 2)]
    counter.disconnect("192.0.2.7")
    assert counter.connect("192.0.2.7") == (2, 3)
    assert counter.connect("192.0.2.8") == (1, 1)
    counter.disconnect("192.0.2.9")  # was never seen


def test_all_rates_of_a_client_begin_anew_together() -> None:
    clock = HandClock()
    counter = Anvil(clock, 60)
    assert [counter.count("a", "mail") for _ in range(3)] == [1, 2, 3]
    clock.turn(60)
    assert (counter.count("a", "recipient"), counter.count("a", "mail")) == (1, 4)
    clock.turn(1)
    assert (counter.count("a", "mail"), counter.count("a", "recipient")) == (1, 1)


def test_clients_that_are_gone_are_forgotten_before_there_are_too_many(monkeypatch: object) -> None:
    clock = HandClock()
    counter = Anvil(clock, 60)
    counter.connect("stays")
    for number in range(anvil._MOST):
        counter.count(str(number), "mail")
    clock.turn(61)
    counter.count("new", "mail")
    assert set(counter._clients) == {"stays", "new"}
