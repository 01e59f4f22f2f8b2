"""querylog: every question, in order, and which of them nobody declared."""

from __future__ import annotations

from fakedns import Asked, QueryLog


def test_it_keeps_order_tells_and_finds_the_undeclared() -> None:
    told: list[Asked] = []
    log = QueryLog(told=told.append)
    asked = [Asked("a.test", "A", "NOERROR"), Asked("b.com", "A", "undeclared")]
    for entry in asked:
        log.add(entry)
    assert log.entries == told == asked
    assert log.undeclared() == asked[1:]
    log.clear()
    assert log.entries == []


def test_a_bound_keeps_the_newest() -> None:
    log = QueryLog(keep=5)
    for n in range(100):
        log.add(Asked(f"{n}.test", "A", "NOERROR"))
    assert 5 <= len(log.entries) <= 10
    assert log.entries[-1].name == "99.test"
