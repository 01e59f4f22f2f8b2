"""attack: the families are counted by the tags of sessions."""

from __future__ import annotations

from harness.corpus.attack import FAMILIES, Tried, tried


def test_each_family_is_counted_once_a_session_attacks_and_twins_apart() -> None:
    counts = tried(
        [["family-1"], ["family-1", "family-2", "eicar"], ["clean", "family-2"], ["family-x"], ["family-99"]]
    )
    assert len(counts) == len(FAMILIES) == 44
    assert counts[1] == Tried(2, 0) and counts[2] == Tried(1, 1) and counts[3] == Tried()
    assert [number for number, one in counts.items() if one.whole] == [2]
