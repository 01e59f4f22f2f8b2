"""fault: patterns, types and sessions; the first match wins."""

from __future__ import annotations

import pytest

from fakedns import Answer, Delay, Fault, Rcode, Silence
from fakedns.fault import first_match


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
    faults = [Fault("a.test", "any", Rcode(2)), Fault("*.test", "any", Silence())]
    assert first_match(faults, "a.test", "A", None) == Rcode(2)
    assert first_match(faults, "b.test", "A", None) == Silence()
    assert first_match(faults, "c.example", "A", None) is None


def test_what_cannot_be_done_is_refused_at_once() -> None:
    assert Rcode.named("servfail") == Rcode(2)
    for wrong in (lambda: Rcode(99), lambda: Rcode.named("nosuch"), lambda: Delay(-1), lambda: Answer((("A", "x"),))):
        with pytest.raises(ValueError):
            wrong()
