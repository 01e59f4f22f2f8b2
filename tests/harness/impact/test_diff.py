from __future__ import annotations

from typing import Any

import pytest

from harness.impact.diff import HARMS, compare

from .conftest import cause, fate, sample

BOTH = ("a@ok.test", "b@ok.test")


@pytest.mark.parametrize(
    ("label", "old", "new", "harms"),
    [
        ("ham", fate(), fate("reject"), ("blocked-legit",)),
        ("ham", fate(), fate("quarantine"), ("blocked-legit",)),
        ("ham", fate(), fate("defer"), ("blocked-legit",)),
        ("ham", fate("reject"), fate(), ("unblocked-legit",)),
        ("spam", fate("reject"), fate(), ("allowed-spam",)),
        ("spam", fate(), fate("reject"), ("blocked-spam",)),
        ("malware", fate("quarantine"), fate(), ("allowed-malware",)),
        ("malware", fate(), fate("discard"), ("blocked-malware",)),
        ("unknown", fate(), fate("reject"), ("blocked-unknown",)),
        ("unknown", fate("reject"), fate(), ("allowed-unknown",)),
        ("ham", fate(reached=BOTH), fate(), ("blocked-legit",)),
        ("ham", fate(), fate(digest=1), ("altered",)),
        ("ham", fate("defer"), fate("reject"), ("blocked-legit",)),
        ("ham", fate("reject"), fate("discard"), ("blocked-legit",)),
        ("spam", fate("reject"), fate("defer"), ("reworded",)),
        ("ham", fate(cause=cause()), fate(cause=cause(text="other")), ("reworded",)),
        ("malware", fate("discard", notices=(("infected", "x"),)), fate("discard"), ("lost-notification",)),
        ("malware", fate("discard"), fate("discard", notices=(("infected", "x"),)), ("gained-notification",)),
        ("malware", fate("discard", notices=(("i", "x"),)), fate(), ("allowed-malware", "lost-notification")),
    ],
)  # fmt: skip
def test_the_harm_follows_from_label_and_fates(label: str, old: Any, new: Any, harms: tuple[str, ...]) -> None:
    change = compare(sample(label=label), old, new)
    assert change is not None and change.harms == harms


def test_noise_is_subtracted() -> None:
    old, new = fate(text="250 a"), fate(text="250 b")
    assert compare(sample(), old, new) is not None
    assert compare(sample(), old, new, ("text",)) is None


def test_what_failed_is_no_change() -> None:
    assert compare(sample(), fate(), fate("failed", failure="x")) is None


def test_the_transition_names_both_verdicts() -> None:
    change = compare(sample(label="ham"), fate(), fate("reject"))
    assert change is not None and change.transition == "accept -> reject" and change.lost == ("b@ok.test",)
    altered = compare(sample(), fate(), fate(digest=2))
    assert altered is not None and altered.transition == "accept (altered)"


def test_every_harm_has_its_rank() -> None:
    assert len(set(HARMS)) == len(HARMS) == 12 and HARMS[:3] == (
        "allowed-malware",
        "blocked-legit",
        "lost-notification",
    )
