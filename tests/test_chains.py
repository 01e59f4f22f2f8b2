"""Every action that is legal for a class, in both modes, has a scenario; and the worked chains are scenarios."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.gateway.content.rav_keys import LEGAL

FOLDER = Path(__file__).parent.parent / "scenarios" / "content"
FILES = {
    "act_for_infected_files": "infected", "act_for_suspicious_files": "suspicious", "actions": "bulk",
    "act_for_unscannable_files": "unscannable", "act_for_filter_subject": "filter_subject",
    "act_for_filter_attachment": "filter_attachment", "act_for_filter_content": "filter_content",
}  # fmt: skip


def steps_of(path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """(cell, steps) of each session that says what the chain of its mail came to."""
    scenario: dict[str, Any] = yaml.safe_load(path.read_bytes())
    names = list(scenario["matrix"])
    for values in itertools.product(*scenario["matrix"].values()):
        cell = dict(zip(names, values, strict=True))
        for session in scenario["sessions"]:
            chain = session["expect"].get("chain") if session.get("when", {}).items() <= cell.items() else None
            for one in chain if isinstance(chain, list) else [chain] if chain else []:
                yield cell, one if isinstance(one, str) else one["steps"]


@pytest.mark.parametrize("setting", LEGAL)
def test_every_legal_action_in_both_modes_has_a_scenario_that_asserts_what_it_did(setting: str) -> None:
    tried = {
        (step.strip().partition(":")[0], cell["mode"])
        for cell, steps in steps_of(FOLDER / "actions" / f"{FILES[setting]}.yaml")
        for step in steps.split(",")
    }
    assert set(itertools.product(LEGAL[setting], ("after_queue", "before_queue"))) <= tried


# Chain, what it comes to: the table of worked chains, but for the last two of it.
WORKED = [
    ("clean, delete, discard", "clean:done"),
    ("clean, delete, discard", "clean:failed, delete:done"),
    ("clean, delete, discard", "clean:failed, delete:failed, discard:discard"),
    ("clean", "clean:failed, end:reject"),
    ("copy", "copy:done, end:reject"),
    ("copy, ignore", "copy:done, ignore:done"),
]


@pytest.mark.parametrize(("chain", "steps"), WORKED)
def test_a_worked_chain_is_a_scenario(chain: str, steps: str) -> None:
    assert ({"chain": chain}, steps) in list(steps_of(FOLDER / "chains" / "infected.yaml"))


@pytest.mark.parametrize(
    ("file", "words"),
    [("full_quarantine", ["move, delete", "move:failed, delete:done"]), ("no_name", ["rename, reject", "rename:failed, reject:reject"]),
     ("../actions/bulk", ["add_subject:done, deliver:done", "id: add-subject-once"]),
     ("two_groups", ['chain: ["reject:reject", "ignore:done"]'])],
)  # fmt: skip
def test_the_other_four_of_the_ten_have_a_file_each(file: str, words: list[str]) -> None:
    text = (FOLDER / "chains" / f"{file}.yaml").read_text("utf-8")
    assert all(word in text for word in words)
