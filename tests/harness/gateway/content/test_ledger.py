"""ledger: one virus tells each address so often an hour, and then how many it kept to itself."""

from __future__ import annotations

from harness.gateway.content.ledger import _MOST, HOUR_S, Ledger

KEY = ("receiver", "u@ok.test", "Eicar-Test")


def test_what_is_beyond_the_limit_is_counted_and_told_with_the_next() -> None:
    ledger = Ledger()
    assert [ledger.admit(KEY, at, 2) for at in (0.0, 10.0, 20.0, 30.0)] == [
        (True, 0),
        (True, 0),
        (False, 0),
        (False, 0),
    ]
    assert ledger.admit(KEY, HOUR_S - 1, 2) == (False, 0)
    assert ledger.admit(KEY, HOUR_S, 2) == (True, 3)
    assert ledger.admit(KEY, HOUR_S + 1, 2) == (True, 0)


def test_each_party_address_and_name_counts_by_itself() -> None:
    ledger = Ledger()
    assert ledger.admit(KEY, 0, 1)[0] and not ledger.admit(KEY, 0, 1)[0]
    for other in (("sender", *KEY[1:]), (KEY[0], "v@ok.test", KEY[2]), (*KEY[:2], "Other")):
        assert ledger.admit(other, 0, 1)[0]


def test_no_limit_remembers_nothing_and_memory_is_bounded() -> None:
    ledger = Ledger()
    assert all(ledger.admit(KEY, 0, 0) == (True, 0) for _ in range(3)) and not ledger.entries
    for number in range(_MOST + 5):
        ledger.admit(("receiver", str(number), "x"), 0, 1)
    assert len(ledger.entries) == _MOST and ("receiver", "0", "x") not in ledger.entries
