from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.sample import LABELS
from harness.impact.causes import EXAMPLES, MOST_FAILURES, Tally, from_plain, to_plain
from harness.impact.diff import compare

from .conftest import cause, fate, sample

FATES = [fate(), fate("reject", cause=cause(text="reject")), fate("discard"), fate("defer", notices=(("n", "x"),))]
SESSIONS = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(FATES), st.sampled_from(FATES)), max_size=30)


def tally(sessions: list[tuple[Any, Any, Any]]) -> Tally:
    made = Tally()
    for number, (label, old, new) in enumerate(sessions):
        one = sample(id=str(number), label=label, sender=f"{label}@good.test")
        made.sessions += 1
        made.decided += 1
        made.verdicts[old.verdict, new.verdict] += 1
        change = compare(one, old, new)
        if change is not None:
            made.add(change)
    return made


@given(SESSIONS, SESSIONS)
def test_parts_add_up_to_the_whole(first: list[Any], second: list[Any]) -> None:
    merged = tally(first)
    merged.merge(tally(second))
    whole = tally(first + second)
    merged.check()
    assert (merged.sessions, merged.verdicts, merged.transitions) == (whole.sessions, whole.verdicts, whole.transitions)
    assert {k: (g.count, g.senders) for k, g in merged.groups.items()} == {
        k: (g.count, g.senders) for k, g in whole.groups.items()
    }


@given(SESSIONS)
def test_a_tally_survives_json(sessions: list[Any]) -> None:
    made = tally(sessions)
    made.fail("x/1", "broken")
    made.noise["text", "main.cf"] += 1
    made.agreed[0] += 2
    again = from_plain(json.loads(json.dumps(to_plain(made))))
    assert to_plain(again) == to_plain(made)


def test_the_worst_comes_first_then_the_most() -> None:
    legit = ("ham", FATES[0], FATES[1])
    made = tally([("spam", FATES[0], FATES[1])] * 5 + [legit] * 2 + [("malware", FATES[1], FATES[0])])
    assert [(g.harm, g.count) for g in made.ranked()] == [
        ("allowed-malware", 1), ("blocked-legit", 2), ("blocked-spam", 5)
    ]  # fmt: skip
    assert made.harmful("blocked-legit") == 2 and made.changed == 8


def test_only_a_few_examples_and_failures_are_kept() -> None:
    made = tally([("ham", FATES[0], FATES[1])] * 10)
    for number in range(50):
        made.fail(str(number), "why")
    (group,) = made.groups.values()
    assert len(group.examples) == EXAMPLES and len(made.failures) == MOST_FAILURES and made.failed == 50


def test_totals_that_do_not_add_up_are_our_mistake() -> None:
    with pytest.raises(AssertionError):
        Tally(sessions=2, decided=1).check()
