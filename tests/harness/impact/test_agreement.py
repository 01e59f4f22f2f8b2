from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ScenarioError
from harness.impact.agreement import read_agreements
from harness.impact.diff import compare

from .conftest import cause, fate, sample

CHANGE = compare(
    sample(label="spam", name="mail.good.test"), fate(), fate("reject", cause=cause("bw.map", 3, "x REJECT"))
)


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        ("transition: accept -> reject", True),
        ("transition: accept -> defer", False),
        ("new: 'bw.map: *'", True),
        ("new: 'bw.map:3: x REJECT'", True),
        ("new: main.cf*", False),
        ("{label: spam, sender: '*@good.test'}", True),
        ("{label: ham, sender: '*@good.test'}", False),
        ("client: mail.good.test", True),
        ("client: 192.0.2.7", True),
        ("recipient: '*@ok.test'", True),
        ("harm: blocked-legit", False),
    ],
)
def test_an_agreement_covers_what_it_describes(tmp_path: Path, entry: str, covered: bool) -> None:
    file = tmp_path / "agreed.yaml"
    inside = entry.strip("{}")
    file.write_text(f"expect:\n  - {{ticket: T-1, {inside}}}\n")
    (agreement,) = read_agreements(file)
    assert CHANGE is not None and agreement.covers(CHANGE) is covered


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("expect:\n  - {transition: x}\n", "agreed.yaml:2: an agreed change names its ticket"),
        ("expect:\n  - {ticket: T-1}\n", "agreed.yaml:2: T-1: says nothing of the change it agrees to"),
        ("expect:\n  - {ticket: T-1, sendr: x}\n", "no such key 'sendr'; did you mean 'sender'?"),
        ("expects: []\n", "no such key 'expects'; did you mean 'expect'?"),
        ("expect: {}\n", "expects a list of agreed changes"),
    ],
)
def test_what_agrees_to_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "agreed.yaml"
    file.write_text(text)
    if text == "expect: {}\n":
        assert read_agreements(file) == ()
        return
    with pytest.raises(ScenarioError) as error:
        read_agreements(file)
    assert message in str(error.value)
