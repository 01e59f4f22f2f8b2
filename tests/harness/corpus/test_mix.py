from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harness.corpus.mix import Mix, generated, read_mix
from harness.errors import ScenarioError
from harness.gateway.message import parse_message

PAPER = Path(__file__).parent.parent.parent.parent / "corpus" / "mixes" / "paper.mix"


def test_a_session_is_the_same_however_the_corpus_is_cut() -> None:
    mix = Mix({"letter": 3, "infected": 1, "relay": 1}, sessions=60, seed=7)
    whole = list(generated(mix))
    assert [one for start in range(0, 60, 7) for one in generated(mix, start, min(start + 7, 60))] == whole
    assert list(generated(Mix(mix.families, sessions=60, seed=8))) != whole


def test_the_proportion_is_that_of_the_mix() -> None:
    kinds = Counter(one.origin for one in generated(Mix({"letter": 3, "relay": 1}, sessions=4000)))
    assert 0.7 < kinds["letter"] / 4000 < 0.8


def test_messages_are_whole_and_as_long_as_asked() -> None:
    for one in generated(Mix({"letter": 1, "double_extension": 1}, sessions=20, size_bytes=4096)):
        assert len(one.data) >= 4096 and parse_message(one.data.replace(b"\r\n", b"\n")).text("Message-ID")


def test_the_shipped_mix_can_be_read() -> None:
    mix = read_mix(PAPER)
    assert mix.sessions == 10000 and mix.people.blocklists and sum(mix.families.values()) == 100


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("families: {leter: 1}", "x.mix:1: no family 'leter'; did you mean 'letter'?"),
        ("families: {letter: 0}", "no family has a weight"),
        ("families: {letter: many}", "letter: expects a weight of 0 or more, got 'many'"),
        ("sessions: 3", "expects a mapping of families"),
        ("families: {letter: 1}\nsedd: 1", "x.mix:2: no such key 'sedd'; did you mean 'seed'?"),
        ("families: {letter: 1}\nseed: -1", "x.mix:2: seed: expects a whole number, got -1"),
        ("families: {listed: 1}", "listed: `people` names no blocklists"),
        ("families: {letter: 1}\npeople: {domian: x}", "did you mean 'domain'?"),
    ],
)
def test_a_wrong_mix_says_where(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.mix").write_text(text + "\n")
    with pytest.raises(ScenarioError) as error:
        read_mix(tmp_path / "x.mix")
    assert message in str(error.value)
