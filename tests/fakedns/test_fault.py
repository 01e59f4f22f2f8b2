"""fault: patterns, types and sessions; the first match wins."""

from __future__ import annotations

import pytest

from fakedns import Answer, Delay, Fault, Faults, Rcode, Silence


@pytest.mark.parametrize(
    ("pattern", "rtype", "name", "asked", "matches"),
    [
        ("*.slow.test", "MX", "a.b.slow.test", "MX", True),
        ("*.slow.test", "MX", "a.slow.test", "A", False),
        ("*.slow.test", "any", "slow.test", "A", False),
        ("Broken.Test", "any", "broken.test", "A", True),
        ("*", "any", "anything", "TXT", True),
    ],
)
def test_a_pattern_names_the_questions(pattern: str, rtype: str, name: str, asked: str, matches: bool) -> None:
    assert Fault(pattern, rtype, Silence()).matches(name, asked) is matches


def test_a_fault_can_be_for_one_session() -> None:
    fault = Fault("*", "any", Silence(), session="one")
    assert fault.matches("a", "A", "one") and not fault.matches("a", "A", "two") and not fault.matches("a", "A")


def test_the_first_match_wins() -> None:
    faults = Faults([Fault("a.test", "any", Rcode(2)), Fault("*.test", "any", Silence())])
    assert faults.match("a.test", "A") == Rcode(2)
    assert faults.match("b.test", "A") == Silence()
    assert faults.match("c.example", "A") is None


@pytest.mark.parametrize(
    ("fault", "met"),
    [
        (Fault("*", "any", Silence(), times=2), "yyn n"),
        (Fault("*", "any", Silence(), skip=1, times=1), "nyn n"),
        (Fault("*", "any", Silence(), every=2), "nyn y"),
        (Fault("*", "any", Silence()), "yyy y"),
    ],
)
def test_a_server_flaps(fault: Fault, met: str) -> None:
    faults = Faults([fault])
    for name in ("a.test", "b.test"):  # each question has its own count
        assert "".join("ny"[faults.match(name, "A") is not None] for _ in range(4)) == met.replace(" ", "")
    assert faults.changing is (met != "yyy y")


def test_a_fault_with_a_label_is_turned_on_and_off() -> None:
    faults = Faults([Fault("*", "any", Silence(), label="broken", off=True)])
    assert faults.match("a.test", "A") is None
    faults.turn("broken", True)
    assert faults.match("a.test", "A") == Silence()
    faults.turn("broken", False)
    assert faults.match("a.test", "A") is None
    with pytest.raises(KeyError):
        faults.turn("brokn", True)


def test_what_begins_last_is_looked_at_first_and_ends_by_its_pattern() -> None:
    faults = Faults([Fault("*.test", "any", Rcode(2))])
    faults.begin(Fault("a.test", "MX", Silence()))
    assert faults.match("a.test", "MX") == Silence()
    assert faults.end("a.test", "mx") == 1 and faults.end("a.test") == 0
    assert faults.match("a.test", "MX") == Rcode(2)


def test_what_cannot_be_done_is_refused_at_once() -> None:
    assert Rcode.named("servfail") == Rcode(2)
    for wrong in (lambda: Rcode(99), lambda: Rcode.named("nosuch"), lambda: Delay(-1), lambda: Answer((("A", "x"),))):
        with pytest.raises(ValueError):
            wrong()
